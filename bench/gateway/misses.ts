import { cases } from './cases';
import type { Child } from './child';
import { drive } from './drive';

export interface Misses {
  readonly name: string;
  readonly operations: number;
  /** CPU time of the gateway for one. */
  readonly cpuMs: number;
  /** What is reachable after half of them and after all, in MB: what is remembered of operations is bounded. */
  readonly liveMegabytes: readonly [half: number, all: number];
}

/** Operations of which no two are equal, as a client sends that writes its values into the text. Ends the server. */
export async function sendDistinct(server: Child, name: string, operations: number): Promise<Misses> {
  const { query } = cases.find((bench) => bench.name === 'distinct')!;
  const load = { url: `http://127.0.0.1:${server.port}/graphql`, concurrency: 16 };
  await drive({ ...load, requests: 300, body: (index) => JSON.stringify({ query: query(1_000_000 + index) }) });
  const half = Math.ceil(operations / 2);
  const send = async (from: number, requests: number): Promise<number> => {
    const before = await server.cpuMs();
    await drive({ ...load, requests, body: (index) => JSON.stringify({ query: query(from + index) }) });
    return (await server.cpuMs()) - before;
  };
  const first = await send(0, half);
  const halfLive = await server.liveMegabytes();
  const second = await send(half, operations - half);
  const allLive = await server.liveMegabytes();
  await server.stop();
  return { name, operations, cpuMs: (first + second) / operations, liveMegabytes: [halfLive, allLive] };
}
