import { Worker } from 'node:worker_threads';

import { errors } from '#platform/errors';
import { builtExecArgv, builtFile } from '#platform/lifecycle';

export const documentFormats = ['text', 'markdown', 'html', 'pdf', 'docx'] as const;
export type DocumentFormat = (typeof documentFormats)[number];

export interface ExtractLimits {
  /** @default 20_000 ms */
  readonly timeoutMs?: number;
  /** Unpacked size of a DOCX. @default 209_715_200 */
  readonly maxUnpackedBytes?: number;
  /** Pages of a PDF. @default 2_000 */
  readonly maxPages?: number;
}

const byEnding: Readonly<Record<string, DocumentFormat>> = {
  txt: 'text',
  md: 'markdown',
  markdown: 'markdown',
  html: 'html',
  htm: 'html',
  pdf: 'pdf',
  docx: 'docx',
};

export function formatOf(filename: string): DocumentFormat {
  const format = byEnding[filename.toLowerCase().split('.').at(-1) ?? ''];
  if (format) return format;
  throw errors.INVALID_REQUEST(
    { what: 'filename', hint: `its ending must be one of ${Object.keys(byEnding).join(', ')}` },
    { field: 'filename' },
  );
}

/** The text of a document as Markdown. Foreign formats are read in a thread of their own, which is ended when it takes too long. */
export async function extract(content: Buffer, format: DocumentFormat, limits: ExtractLimits = {}): Promise<string> {
  if (format === 'text' || format === 'markdown') return decode(content);
  const { timeoutMs = 20_000, maxUnpackedBytes = 209_715_200, maxPages = 2_000 } = limits;
  const worker = new Worker(builtFile('subgraphs/search/service/knowledge/extract-worker'), {
    execArgv: [...builtExecArgv],
    workerData: { kind: format, content: new Uint8Array(content), maxUnpackedBytes, maxPages },
    resourceLimits: { maxOldGenerationSizeMb: 512 },
    stdout: true,
    stderr: true,
  });
  try {
    return await new Promise<string>((resolve, reject) => {
      const timer = setTimeout(() => reject(unreadable('it took too long to read')), timeoutMs);
      worker.once('message', ({ text, problem }: { text?: string; problem?: string }) => {
        clearTimeout(timer);
        if (text === undefined) reject(unreadable(problem ?? 'it cannot be read'));
        else resolve(text);
      });
      worker.once('error', () => {
        clearTimeout(timer);
        reject(unreadable('it cannot be read'));
      });
    });
  } finally {
    await worker.terminate();
  }
}

const unreadable = (hint: string): Error => errors.INVALID_REQUEST({ what: 'the document', hint }, { field: 'content_base64' });

function decode(content: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(content);
  } catch {
    throw unreadable('text must be UTF-8');
  }
}
