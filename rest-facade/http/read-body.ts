import type { IncomingMessage } from 'node:http';

import { errors, type AppError } from '#platform/errors';

/**
 * The bytes of a request body, refused past the limit. Not by `for await`: leaving its loop destroys the socket, and with it the answer.
 * What is left of an oversized body is discarded by Node when the answer has been sent.
 */
export function readBytes(req: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const tooLarge = () => errors.PAYLOAD_TOO_LARGE({ maxBytes }, { details: { limit: 'body_bytes', maximum: maxBytes } });
  if (Number(req.headers['content-length'] ?? 0) > maxBytes) return Promise.reject(tooLarge());
  // A handler in front that took the body would leave this waiting for ever.
  if (req.readableEnded) return Promise.reject(new Error('The request body was read before it reached the facade.'));
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const settle = (finish: () => void): void => {
      req.off('data', onData).off('end', onEnd).off('error', onError).off('close', onClose);
      finish();
    };
    const onData = (chunk: Buffer): void => {
      size += chunk.length;
      if (size <= maxBytes) chunks.push(chunk);
      else settle(() => reject(tooLarge()));
    };
    const onEnd = (): void => settle(() => resolve(Buffer.concat(chunks, size)));
    const onError = (cause: Error): void => settle(() => reject(cut(cause)));
    const onClose = (): void => settle(() => reject(cut()));
    req.on('data', onData).on('end', onEnd).on('error', onError).on('close', onClose);
  });
}

const cut = (cause?: Error): AppError =>
  errors.INVALID_REQUEST({ what: 'body', hint: 'the connection ended before it did' }, { field: 'body', cause });

export const mediaType = (req: IncomingMessage): string => (req.headers['content-type'] ?? '').split(';')[0]!.trim().toLowerCase();

const jsonMediaType = /^application\/(json|[\w.+-]+\+json)$/;

/** A JSON object, or `{}` where no body came. */
export async function readJsonBody(req: IncomingMessage, maxBytes: number): Promise<Record<string, unknown>> {
  refuseEncoding(req);
  const type = mediaType(req);
  const carries = Number(req.headers['content-length'] ?? 0) > 0 || req.headers['transfer-encoding'] !== undefined;
  if (carries && !jsonMediaType.test(type)) {
    throw errors.UNSUPPORTED_MEDIA_TYPE({ type: type || '(none)', expected: 'application/json' });
  }
  if (!carries) return {};
  const bytes = await readBytes(req, maxBytes);
  return bytes.length === 0 ? {} : parseObject(bytes);
}

export function refuseEncoding(req: IncomingMessage): void {
  const encoding = req.headers['content-encoding'] ?? 'identity';
  if (encoding !== 'identity')
    throw errors.UNSUPPORTED_MEDIA_TYPE({ type: `with Content-Encoding ${encoding}`, expected: 'the body uncompressed' });
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

function parseObject(bytes: Buffer): Record<string, unknown> {
  const notJson = (hint: string, cause?: unknown) => errors.INVALID_REQUEST({ what: 'body', hint }, { field: 'body', cause });
  let parsed: unknown;
  try {
    parsed = JSON.parse(utf8.decode(bytes));
  } catch (cause) {
    throw notJson('it must be one JSON object in UTF-8', cause);
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed))
    throw notJson('it must be a JSON object such as {"name": "value"}');
  return parsed as Record<string, unknown>;
}
