import { cases } from './cases';
import type { Child } from './child';
import { drive } from './drive';

export interface Misses {
  readonly name: string;
  readonly operations: number;
  /** CPU time of the gateway for one. */
  readonly cpuMs: number;
  /** Resident memory afterwards: what is remembered of operations is bounded. */
  readonly megabytes: number;
}

/** Operations of which no two are equal, as a client sends that writes its values into the text. Ends the server. */
export async function sendDistinct(server: Child, name: string, operations: number): Promise<Misses> {
  const { query } = cases.find((bench) => bench.name === 'distinct')!;
  const load = { url: `http://127.0.0.1:${server.port}/graphql`, concurrency: 16 };
  await drive({ ...load, requests: 300, body: (index) => JSON.stringify({ query: query(1_000_000 + index) }) });
  const before = await server.cpuMs();
  await drive({ ...load, requests: operations, body: (index) => JSON.stringify({ query: query(index) }) });
  const cpuMs = ((await server.cpuMs()) - before) / operations;
  const megabytes = await server.megabytes();
  await server.stop();
  return { name, operations, cpuMs, megabytes };
}
