import type { IncomingMessage } from 'node:http';

import busboy from 'busboy';

import { errors } from '#platform/errors';

export interface Form {
  readonly fields: Readonly<Record<string, string | readonly string[]>>;
  readonly file?: { readonly filename: string; readonly contentType: string; readonly base64: string };
}

const limits = { files: 1, fields: 50, fieldSize: 1_048_576, parts: 60 };

const wrong = (hint: string, cause?: unknown) => errors.INVALID_REQUEST({ what: 'body', hint }, { field: 'body', cause });

/** A multipart form with at most one file. */
export function readForm(req: IncomingMessage, maxFileBytes: number): Promise<Form> {
  return new Promise((resolve, reject) => {
    const fields: Record<string, string | readonly string[]> = {};
    let file: Form['file'];
    let form: busboy.Busboy;
    try {
      form = busboy({ headers: req.headers, defParamCharset: 'utf8', limits: { ...limits, fileSize: maxFileBytes + 1 } });
    } catch (cause) {
      reject(wrong('the form has no boundary', cause));
      return;
    }
    const fail = (error: Error): void => {
      req.unpipe(form);
      req.resume();
      reject(error);
    };
    form.on('file', (_name, stream, { filename, mimeType }) => {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('limit', () =>
        fail(errors.PAYLOAD_TOO_LARGE({ maxBytes: maxFileBytes }, { details: { limit: 'upload_bytes', maximum: maxFileBytes } })),
      );
      stream.on('end', () => {
        file = { filename: safeName(filename), contentType: mimeType, base64: Buffer.concat(chunks).toString('base64') };
      });
    });
    form.on('field', (name, value, { valueTruncated }) => {
      if (valueTruncated) return fail(wrong(`the field ${name} is longer than 1 MiB`));
      const before = fields[name];
      fields[name] = before === undefined ? value : [...(Array.isArray(before) ? (before as string[]) : [before as string]), value];
    });
    form.on('filesLimit', () => fail(wrong('one file at a time is accepted')));
    form.on('fieldsLimit', () => fail(wrong(`at most ${limits.fields} fields are accepted`)));
    form.on('error', (cause) => fail(wrong('it is not a complete multipart form', cause)));
    form.on('close', () => resolve({ fields, ...(file ? { file } : {}) }));
    // A request that came whole closes as well, and may do so while the form is still being read.
    req.on('close', () => void (req.complete || fail(wrong('the connection ended before it did'))));
    req.pipe(form);
  });
}

/** The last part of whatever path the client's system made of it. */
const safeName = (filename: string | undefined): string => (filename ?? '').split(/[/\\]/).at(-1)?.slice(0, 255) || 'upload';
