import { Pool } from 'undici';

export interface Load {
  readonly url: string;
  readonly requests: number;
  readonly concurrency: number;
  body(index: number): string;
}

export interface Timing {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

const headers = { 'content-type': 'application/json', accept: 'application/json' };

export async function ask(url: string, query: string): Promise<unknown> {
  const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify({ query }) });
  const { data, errors } = (await response.json()) as { data?: unknown; errors?: unknown };
  if (errors) throw new Error(JSON.stringify(errors).slice(0, 500));
  return data;
}

/** A fixed number of requests over a fixed number of connections, each waiting for its answer. */
export async function drive({ url, requests, concurrency, body }: Load): Promise<Timing> {
  const { origin, pathname } = new URL(url);
  const pool = new Pool(origin, { connections: concurrency, pipelining: 1 });
  const latencies: number[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    for (;;) {
      const index = next;
      next += 1;
      if (index >= requests) return;
      const sent = performance.now();
      const response = await pool.request({ path: pathname, method: 'POST', headers, body: body(index) });
      const bytes = await response.body.arrayBuffer();
      if (response.statusCode !== 200) throw new Error(`status ${response.statusCode}: ${Buffer.from(bytes).toString('utf8', 0, 300)}`);
      latencies.push(performance.now() - sent);
    }
  };
  const started = performance.now();
  await Promise.all(Array.from({ length: concurrency }, worker));
  const seconds = (performance.now() - started) / 1_000;
  await pool.close();
  latencies.sort((a, b) => a - b);
  const at = (share: number): number => latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * share))] ?? 0;
  return { perSecond: requests / seconds, p50Ms: at(0.5), p99Ms: at(0.99) };
}
