import type { Readable } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';

import { request, type Dispatcher } from 'undici';

export interface LeanRequest {
  readonly url: URL;
  readonly init: RequestInit;
  readonly dispatcher: Dispatcher;
}

/**
 * One HTTP request as a standard `Response`, without what `fetch` does besides (CORS, redirects, caches, cookies): that is half of what
 * a call through the router costs in CPU time. Redirects are given to the caller as they are. Rejects with undici's errors, or with the
 * reason of `init.signal`.
 */
export async function leanFetch({ url, init, dispatcher }: LeanRequest): Promise<Response> {
  const { statusCode, headers, body } = await request(url, {
    dispatcher,
    method: (init.method ?? 'GET') as Dispatcher.HttpMethod,
    headers: headersOf(init.headers),
    body: init.body as string | Uint8Array | null,
    ...(init.signal ? { signal: init.signal } : {}),
  });
  const isEmpty = statusCode === 204 || statusCode === 205 || statusCode === 304;
  if (isEmpty) await body.dump();
  return new Response(isEmpty ? null : webStream(decoded(body, headers['content-encoding'])), {
    status: statusCode,
    headers: Object.entries(headers).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, Array.isArray(value) ? value.join(', ') : value] as [string, string]],
    ),
  });
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

/** A Node stream as a web stream, read at the reader's pace. `Readable.toWeb` does the same through three more objects for each piece. */
function webStream(body: Readable): ReadableStream<Uint8Array> {
  let wake: (() => void) | null = null;
  let failure: Error | null = null;
  let ended = false;
  const woken = (): void => {
    wake?.();
    wake = null;
  };
  body.on('readable', woken);
  body.once('end', () => {
    ended = true;
    woken();
  });
  body.once('close', () => {
    if (!ended) failure ??= new Error('the body closed before its end');
    woken();
  });
  body.once('error', (error: Error) => {
    failure = error;
    woken();
  });
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        for (;;) {
          const piece = body.read() as Buffer | null;
          if (piece) return controller.enqueue(piece);
          if (failure) return controller.error(failure);
          if (ended) return controller.close();
          await new Promise<void>((resolve) => (wake = resolve));
        }
      },
      cancel() {
        body.destroy();
      },
    },
    { highWaterMark: 0 },
  );
}
