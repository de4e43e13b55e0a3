import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';

import { Agent } from 'undici';

import { leanRequest, toResponse } from './lean-fetch';

async function serving(answer: RequestListener, use: (get: (init?: RequestInit) => Promise<Response>) => Promise<void>): Promise<void> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const dispatcher = new Agent();
  const url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  await use((init = {}) => leanRequest({ url, init, dispatcher }).then(toResponse));
  await dispatcher.destroy();
  await new Promise((resolve) => server.close(resolve));
}

it('gives status, headers and text as fetch does', async () => {
  await serving(
    (_request, response) => response.writeHead(429, { 'retry-after': '7', 'content-type': 'text/plain' }).end('later'),
    async (get) => {
      const response = await get({ method: 'POST', headers: { a: 'b' }, body: '{}' });
      expect([response.status, response.ok, response.headers.get('retry-after'), await response.text()]).toEqual([
        429,
        false,
        '7',
        'later',
      ]);
    },
  );
});

it.each([
  ['gzip', gzipSync],
  ['deflate', deflateSync],
  ['br', brotliCompressSync],
])('reads an answer that was compressed unasked by %s', async (encoding, compress) => {
  await serving(
    (_request, response) => response.writeHead(200, { 'content-encoding': encoding }).end(compress('words '.repeat(50_000))),
    async (get) => expect(await (await get()).text()).toHaveLength(300_000),
  );
});

it('has no body where there is none', async () => {
  await serving(
    (_request, response) => response.writeHead(204).end(),
    async (get) => expect((await get()).body).toBeNull(),
  );
});

it('ends with an error where the body breaks off, and after what came before', async () => {
  await serving(
    (_request, response) => {
      response.writeHead(200, { 'content-length': '100' });
      response.write('half', () => response.destroy());
    },
    async (get) => {
      const reader = (await get()).body!.getReader();
      expect(Buffer.from((await reader.read()).value!).toString()).toBe('half');
      await expect(reader.read()).rejects.toThrow();
    },
  );
});

it('closes the connection when the reader has enough, and when its signal aborts', async () => {
  let closed = 0;
  await serving(
    (_request, response) => {
      response.on('close', () => (closed += 1));
      response.write('first');
    },
    async (get) => {
      await (await get()).body!.cancel();
      const controller = new AbortController();
      const reader = (await get({ signal: controller.signal })).body!.getReader();
      await reader.read();
      controller.abort();
      await expect(reader.read()).rejects.toThrow();
      while (closed < 2) await new Promise((resolve) => setImmediate(resolve));
    },
  );
});
