import { lookup as resolve } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';

import ipaddr from 'ipaddr.js';
import { Agent, request } from 'undici';
import { z } from 'zod';

import { errors } from '#platform/errors';

import { defineTool, type AnyTool } from './tool';

const mostBytes = 65_536;
const timeoutMs = 15_000;
const forbiddenHeaders = new Set(['host', 'content-length', 'transfer-encoding', 'connection', 'cookie', 'proxy-authorization']);

const isPublic = (address: string): boolean => {
  const parsed = ipaddr.process(address);
  return parsed.range() === 'unicast';
};

const privateTarget = (): Error => errors.INVALID_REQUEST({ what: 'url', hint: 'only public addresses may be called' }, { field: 'url' });

/** Checked where the connection is made: a name that is public when looked at and private when called (DNS rebinding) is refused too. */
const publicLookup: LookupFunction = (hostname, options, callback) =>
  resolve(hostname, { ...options, all: true }, (error, addresses) => {
    if (error) return callback(error, '', 0);
    if (addresses.some(({ address }) => !isPublic(address))) return callback(privateTarget(), '', 0);
    return options.all ? callback(null, addresses as never) : callback(null, addresses[0]!.address, addresses[0]!.family);
  });

/** One call to another service; each waits for a person. Redirects are not followed. */
export function httpTool({ allowPrivateHosts }: { readonly allowPrivateHosts: boolean }): AnyTool {
  const dispatcher = new Agent({ connect: allowPrivateHosts ? {} : { lookup: publicLookup } });
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
      const literal = hostname.replace(/^\[|\]$/g, '');
      if (!allowPrivateHosts && isIP(literal) && !isPublic(literal)) throw privateTarget();
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
