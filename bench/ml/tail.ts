import { readFileSync } from 'node:fs';

import { at, shown } from './synthetic';

/** What a process's main thread has had of a processor, and how long it stood in line for one, in milliseconds. */
interface Processor {
  readonly worked: number;
  readonly waited: number;
}

/** One request as it was measured, in milliseconds. The processors' part is null where the system does not tell it. */
export interface Timed {
  readonly took: number;
  readonly server: Processor | null;
  readonly client: Processor | null;
}

/** Linux: `/proc/<pid>/task/<pid>/schedstat` has nanoseconds on a processor and in the run queue. */
function processorOf(pid: number): Processor | null {
  try {
    const [worked, waited] = readFileSync(`/proc/${pid}/task/${pid}/schedstat`, 'utf8').split(' ').map((value) => Number(value) / 1e6); // prettier-ignore
    return { worked: worked!, waited: waited! };
  } catch {
    return null;
  }
}

const since = (before: Processor | null, after: Processor | null): Processor | null =>
  before && after && { worked: after.worked - before.worked, waited: after.waited - before.waited };

/** Times one request of this process to the one of `pid`. */
export async function timedRequest(pid: number, ask: () => Promise<unknown>): Promise<Timed> {
  const before = { server: processorOf(pid), client: processorOf(process.pid) };
  const started = performance.now();
  await ask();
  const took = performance.now() - started;
  return { took, server: since(before.server, processorOf(pid)), client: since(before.client, processorOf(process.pid)) };
}

const sorted = (values: readonly number[]): number[] => [...values].sort((a, b) => a - b);
const pair = (values: readonly number[]): string => `P50 ${shown(at(values, 0.5))} ms, P99 ${shown(at(values, 0.99))} ms`;

export interface Summary {
  readonly p99: number;
  /** Times as they were, then the processor time of the server's main thread, then where the slow ones spent theirs. */
  readonly text: string;
}

/** Of the requests over `slowMs`, what took the larger part: standing in line for a processor, the server's work (collections are it), the client's. */
export function summarise(requests: readonly Timed[], slowMs = 2): Summary {
  const times = sorted(requests.map(({ took }) => took));
  const p99 = at(times, 0.99);
  const worked = requests.flatMap(({ server }) => server?.worked ?? []);
  if (worked.length < requests.length) return { p99, text: pair(times) };
  const slow = requests.filter(({ took }) => took > slowMs);
  const counts = { line: 0, server: 0, client: 0, other: 0 };
  for (const request of slow) counts[largestPart(request)] += 1;
  const parts = `${counts.line} in line for a processor, ${counts.server} by the server's work, ${counts.client} by the client's, ${counts.other} elsewhere`;
  const division = slow.length === 0 ? 'none' : `${slow.length}: ${parts}`;
  return { p99, text: `${pair(times)}; processor time of the server ${pair(sorted(worked))}; over ${slowMs} ms: ${division}` };
}

function largestPart({ took, server, client }: Timed): 'line' | 'server' | 'client' | 'other' {
  if (!server || !client) return 'other';
  const parts = { line: server.waited + client.waited, server: server.worked, client: client.worked };
  const [largest] = (Object.keys(parts) as (keyof typeof parts)[]).sort((a, b) => parts[b] - parts[a]) as [keyof typeof parts];
  return parts[largest] >= took / 3 ? largest : 'other';
}
