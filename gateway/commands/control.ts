import { chmodSync, rmSync } from 'node:fs';
import { createServer, request } from 'node:http';
import path from 'node:path';

import { z } from 'zod';

import { tiers, type TenantDirectory, type TenantRecord } from '#platform/auth';

/**
 * The embedded database belongs to one process, so commands reach a running server through a socket in the data directory. The file
 * system decides who may: the socket is the owner's alone.
 */
export const controlSocket = (dataDirectory: string): string => path.join(dataDirectory, 'control.sock');

export const tenantChange = z.object({
  tenant: z.string().min(1).max(200),
  tier: z.enum(tiers).optional(),
  status: z.enum(['active', 'suspended']).optional(),
});
export type TenantChange = z.infer<typeof tenantChange>;

export async function applyTenantChange(tenants: TenantDirectory, change: TenantChange): Promise<TenantRecord | null> {
  if (change.tier) await tenants.setTier(change.tenant, change.tier);
  if (change.status) await tenants.setStatus(change.tenant, change.status);
  return tenants.find(change.tenant);
}

/** Serves commands until the returned function is called. */
export function serveControl(dataDirectory: string, tenants: TenantDirectory): Promise<() => Promise<void>> {
  const socket = controlSocket(dataDirectory);
  rmSync(socket, { force: true });
  const server = createServer(async (incoming, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    try {
      const record = await applyTenantChange(tenants, tenantChange.parse(JSON.parse(Buffer.concat(chunks).toString())));
      response.end(JSON.stringify(record));
    } catch (error) {
      response.statusCode = 400;
      response.end(JSON.stringify({ message: error instanceof Error ? error.message : 'bad request' }));
    }
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(socket, () => {
      chmodSync(socket, 0o600);
      resolve(() => new Promise<void>((done) => server.close(() => done())));
    });
  });
}

/** Sends a change to the server of the data directory; undefined where none runs. */
export function askControl(dataDirectory: string, change: TenantChange): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const outgoing = request({ socketPath: controlSocket(dataDirectory), path: '/', method: 'POST' }, async (answer) => {
      const chunks: Buffer[] = [];
      for await (const chunk of answer) chunks.push(chunk as Buffer);
      const body: unknown = JSON.parse(Buffer.concat(chunks).toString());
      if (answer.statusCode === 200) resolve(body);
      else reject(new Error((body as { message: string }).message));
    });
    outgoing.once('error', (error: NodeJS.ErrnoException) =>
      ['ENOENT', 'ECONNREFUSED'].includes(error.code ?? '') ? resolve(undefined) : reject(error),
    );
    outgoing.end(JSON.stringify(change));
  });
}
