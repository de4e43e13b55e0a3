import { errors } from '#platform/errors';

import type { Answer } from './answer';

interface BinaryFile {
  readonly contentType: string;
  readonly filename: string | null;
  readonly base64: string;
}

/** Types that a browser may show in place; everything else is saved as a file, whatever its producer claims. */
const shownInPlace = /^(image\/(png|svg\+xml)|application\/(pdf|json)|text\/csv)\b/;

/**
 * The bytes of a `BinaryFile`, without an envelope. An SVG is a document that may run scripts, so it comes with a policy that forbids it
 * everything, and no type is ever guessed.
 */
export function binaryAnswer(value: unknown): Answer {
  const file = value as BinaryFile | null | undefined;
  if (!file) throw errors.NOT_FOUND({ kind: 'file' });
  const { contentType, filename, base64 } = file;
  const disposition = shownInPlace.test(contentType) ? 'inline' : 'attachment';
  return {
    status: 200,
    headers: {
      'Content-Type': /^[\w.+-]+\/[\w.+-]+(;[\w =.-]+)?$/.test(contentType) ? contentType : 'application/octet-stream',
      'Content-Disposition': filename
        ? `${disposition}; ${asciiName(filename)}; filename*=UTF-8''${encodeURIComponent(filename)}`
        : disposition,
      'X-Content-Type-Options': 'nosniff',
      'Content-Security-Policy': "default-src 'none'; style-src 'unsafe-inline'; sandbox",
      'Cache-Control': 'private, no-cache',
    },
    body: Buffer.from(base64, 'base64'),
  };
}

/** RFC 6266: a plain name for old clients beside the exact one. */
const asciiName = (filename: string): string => `filename="${filename.replace(/[^\x20-\x7e]|["\\/]/g, '_')}"`;
