import { request } from 'undici';
import { z } from 'zod';

import { dispatcherFor, requirePublic } from './public-hosts';
import { defineTool, type AnyTool } from './tool';

const mostBytes = 65_536;
const timeoutMs = 15_000;
const forbiddenHeaders = new Set(['host', 'content-length', 'transfer-encoding', 'connection', 'cookie', 'proxy-authorization']);

/** One call to another service; each waits for a person. Redirects are not followed. */
export function httpTool({ allowPrivateHosts }: { readonly allowPrivateHosts: boolean }): AnyTool {
  const dispatcher = dispatcherFor(allowPrivateHosts);
  return defineTool({
    name: 'http_request',
    description: 'Sends one HTTP request to another service and gives its answer.',
    schema: z.strictObject({
      url: z.url({ protocol: /^https?$/ }),
      method: z.enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']).default('GET'),
      headers: z.record(z.string().regex(/^[A-Za-z0-9-]{1,64}$/), z.string().max(2_000)).default({}),
      body: z.string().max(mostBytes).nullish(),
    }),
    effect: 'external',
    async run({ url, method, headers, body }, { signal, idempotencyKey }) {
      const { hostname } = new URL(url);
      if (!allowPrivateHosts) requirePublic(url);
      const allowed = Object.fromEntries(Object.entries(headers).filter(([name]) => !forbiddenHeaders.has(name.toLowerCase())));
      const answer = await request(url, {
        method,
        body: body ?? null,
        dispatcher,
        headersTimeout: timeoutMs,
        bodyTimeout: timeoutMs,
        signal,
        headers: { 'content-type': 'application/json', ...allowed, 'idempotency-key': idempotencyKey },
      });
      const text = await limited(answer.body);
      return {
        output: { status: answer.statusCode, content_type: answer.headers['content-type'] ?? null, body: text },
        summary: `${method} ${hostname} answered ${answer.statusCode}.`,
      };
    },
  });
}

async function limited(body: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes >= mostBytes) break;
  }
  return Buffer.concat(chunks).subarray(0, mostBytes).toString('utf8');
}
