import type { IncomingMessage } from 'node:http';

import express, { type Request, type Response } from 'express';

import { errors } from '#platform/errors';

/**
 * A request's body as a JSON object. PAYLOAD_TOO_LARGE beyond `maxBytes`, INVALID_REQUEST for anything else that is none. What arrives
 * plain is read here, without the layers of a general parser; compressed bodies go through Express.
 */
export async function jsonBody(request: Request, response: Response, maxBytes: number): Promise<Readonly<Record<string, unknown>>> {
  const encoding = request.headers['content-encoding'];
  const value =
    !encoding || encoding === 'identity' ? parse(await plainBody(request, maxBytes)) : await decoded(request, response, maxBytes);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw noJson('it must be a JSON object');
  return value as Readonly<Record<string, unknown>>;
}

const noJson = (hint: string): Error => errors.INVALID_REQUEST({ what: 'body', hint }, { field: 'body' });

function plainBody(request: IncomingMessage, maxBytes: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const pieces: Buffer[] = [];
    let bytes = 0;
    const end = (error: Error | null): void => {
      request.off('data', onData).off('end', onEnd).off('error', end).off('close', onClose);
      if (error === null) return resolve((pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces)).toString('utf8'));
      // The rest is read and forgotten, so that the client, which is still sending, gets to read the answer.
      request.on('error', () => undefined).resume();
      reject(error);
    };
    const onData = (piece: Buffer): void => {
      bytes += piece.length;
      if (bytes > maxBytes) end(errors.PAYLOAD_TOO_LARGE({ maxBytes }));
      else pieces.push(piece);
    };
    const onEnd = (): void => end(null);
    const onClose = (): void => end(noJson('it must be sent whole'));
    if (Number(request.headers['content-length'] ?? 0) > maxBytes) return end(errors.PAYLOAD_TOO_LARGE({ maxBytes }));
    // Gone while its token was checked: no event will come any more.
    if (request.destroyed) return end(noJson('it must be sent whole'));
    request.on('data', onData).on('end', onEnd).on('error', end).on('close', onClose);
  });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text.startsWith('\uFEFF') ? text.slice(1) : text) as unknown;
  } catch {
    throw noJson('it must be JSON');
  }
}

function decoded(request: Request, response: Response, maxBytes: number): Promise<unknown> {
  return new Promise((resolve, reject) => {
    express.json({ limit: maxBytes, type: () => true })(request, response, (error?: unknown) => {
      const type = (error as { readonly type?: unknown } | undefined)?.type;
      if (!error) resolve(request.body);
      else
        reject(
          type === 'entity.too.large' ? errors.PAYLOAD_TOO_LARGE({ maxBytes }) : noJson('it must be JSON, plain or compressed by gzip'),
        );
    });
  });
}
