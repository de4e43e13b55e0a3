import { Pool, type Dispatcher } from 'undici';

import { DeadlinePassed, TransportFailure } from './transport-failure';

export interface HttpTransportOptions {
  readonly url: string;
  /** Connections to the subgraph. @default 64 */
  readonly maxConnections?: number;
  /** Time for a whole answer, so that one byte a second does not keep a request for ever. @default 30_000 */
  readonly timeoutMs?: number;
  /** @default 67_108_864 */
  readonly maxResponseBytes?: number;
  /** Headers of the answer that go back to the client, in lower case. @default none */
  readonly returnHeaders?: readonly string[];
}

export interface HttpAnswer {
  readonly text: string;
  readonly headers: Readonly<Record<string, string>>;
}

export interface HttpTransport {
  /** Posts JSON and gives the answer's text and those of its headers that are wanted. */
  post(body: string, headers: Readonly<Record<string, string>>, signal: AbortSignal): Promise<HttpAnswer>;
  close(): Promise<void>;
}

const busy = new Set([429, 502, 503, 504]);

export function httpTransport({
  url,
  maxConnections = 64,
  timeoutMs = 30_000,
  maxResponseBytes = 67_108_864,
  returnHeaders = [],
}: HttpTransportOptions): HttpTransport {
  const { origin, pathname, search } = new URL(url);
  const pool = new Pool(origin, {
    connections: maxConnections,
    keepAliveTimeout: 30_000,
    connect: { timeout: Math.min(timeoutMs, 5_000) },
  });
  const path = pathname + search;

  const read = async ({ body, headers, statusCode }: Dispatcher.ResponseData): Promise<string> => {
    const type = String(headers['content-type'] ?? '');
    if (!type.includes('json')) {
      body.on('error', () => undefined).destroy();
      throw new TransportFailure(`status ${statusCode} with ${type === '' ? 'no content type' : type}`, busy.has(statusCode));
    }
    const tooLarge = (): Error => new TransportFailure(`more than ${maxResponseBytes} bytes`, false);
    if (Number(headers['content-length'] ?? 0) > maxResponseBytes) {
      body.on('error', () => undefined).destroy();
      throw tooLarge();
    }
    if (headers['content-length'] !== undefined) return body.text();
    const chunks: Buffer[] = [];
    let size = 0;
    for await (const chunk of body as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > maxResponseBytes) throw tooLarge();
      chunks.push(chunk);
    }
    return Buffer.concat(chunks, size).toString('utf8');
  };

  return {
    async post(body, headers, signal) {
      const ended = new AbortController();
      const onAbort = (): void => ended.abort(signal.reason);
      if (signal.aborted) onAbort();
      signal.addEventListener('abort', onAbort, { once: true });
      const timer = setTimeout(() => ended.abort(new DeadlinePassed()), timeoutMs);
      try {
        const response = await pool.request({ path, method: 'POST', headers, body, signal: ended.signal });
        const text = await read(response);
        const wanted = returnHeaders.flatMap((name) =>
          response.headers[name] === undefined ? [] : [[name, String(response.headers[name])] as const],
        );
        return { text, headers: Object.fromEntries(wanted) };
      } catch (thrown) {
        if (ended.signal.aborted) throw ended.signal.reason;
        throw thrown instanceof TransportFailure ? thrown : new TransportFailure('no connection, or it broke', true, thrown);
      } finally {
        clearTimeout(timer);
        signal.removeEventListener('abort', onAbort);
      }
    },
    close: () => pool.destroy(),
  };
}
