import type { Readable } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';

import { request, type Dispatcher } from 'undici';

import { BodyReader } from './body-reader';

export interface LeanRequest {
  readonly url: URL;
  readonly init: RequestInit;
  readonly dispatcher: Dispatcher;
}

/** An answer as far as its headers; who does not read the body to its end cancels it. */
export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: BodyReader;
}

/** One HTTP request. Redirects are given to the caller as they are. Rejects with undici's errors, or with the reason of `init.signal`. */
export async function leanRequest({ url, init, dispatcher }: LeanRequest): Promise<Reply> {
  const { statusCode, headers, body } = await request(url, {
    dispatcher,
    method: (init.method ?? 'GET') as Dispatcher.HttpMethod,
    headers: headersOf(init.headers),
    body: init.body as string | Uint8Array | null,
    ...(init.signal ? { signal: init.signal } : {}),
  });
  const given: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers))
    if (value !== undefined) given[name] = Array.isArray(value) ? value.join(', ') : value;
  return { status: statusCode, headers: given, body: new BodyReader(decoded(body, headers['content-encoding'])) };
}

/** A reply as a standard `Response`, without what `fetch` does besides (CORS, redirects, caches, cookies). */
export async function toResponse({ status, headers, body }: Reply): Promise<Response> {
  const isEmpty = status === 204 || status === 205 || status === 304;
  // Read, so that its connection serves the next request.
  if (isEmpty) await body.text();
  return new Response(isEmpty ? null : webStream(body), { status, headers });
}

const headersOf = (given: RequestInit['headers']): Record<string, string> => {
  if (given === undefined) return {};
  return given instanceof Headers || Array.isArray(given) ? Object.fromEntries(given) : (given as Record<string, string>);
};

/** We ask for no compression; some servers compress all the same. */
function decoded(body: Readable, encoding: string | string[] | undefined): Readable {
  const decoder =
    encoding === 'gzip' || encoding === 'x-gzip'
      ? createGunzip()
      : encoding === 'deflate'
        ? createInflate()
        : encoding === 'br'
          ? createBrotliDecompress()
          : null;
  if (!decoder) return body;
  body.once('error', (error) => decoder.destroy(error));
  decoder.once('close', () => body.destroy());
  return body.pipe(decoder);
}

/** `Readable.toWeb` does the same through three more objects for each piece. */
const webStream = (body: BodyReader): ReadableStream<Uint8Array> =>
  new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const piece = await body.next();
        if (piece) controller.enqueue(piece);
        else controller.close();
      },
      cancel: () => body.cancel(),
    },
    { highWaterMark: 0 },
  );
