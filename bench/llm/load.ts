import type { Asker, Timing } from './asker';

/** `concurrency` at a time, as fast as they go. For warming up and for counting what is left behind. */
export async function flood(
  asker: Asker,
  load: { readonly stream: boolean; readonly requests: number; readonly concurrency: number },
): Promise<void> {
  let left = load.requests;
  const worker = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      await asker.ask(load.stream);
    }
  };
  await Promise.all(Array.from({ length: load.concurrency }, worker));
}

export interface Pair {
  readonly direct: Timing;
  readonly routed: Timing;
}

export interface PairLoad {
  readonly direct: Asker;
  readonly routed: Asker;
  readonly stream: boolean;
  readonly requests: number;
  readonly perSecond: number;
}

/**
 * Open loop: `perSecond` requests a second to each of the two, whether or not earlier ones have ended, half a period apart and taking
 * turns in who comes first. Whatever the machine does meanwhile falls on both.
 */
export async function driveInPairs({ direct, routed, stream, requests, perSecond }: PairLoad): Promise<readonly Pair[]> {
  const period = 1_000 / perSecond;
  const begun = performance.now() + period;
  const running: Promise<Pair>[] = [];
  for (let index = 0; index < requests; index += 1) {
    const [one, other] = [begun + index * period, begun + (index + 0.5) * period];
    const isDirectFirst = index % 2 === 0;
    const first = await startAt(one, (due) => (isDirectFirst ? direct : routed).ask(stream, due));
    const second = await startAt(other, (due) => (isDirectFirst ? routed : direct).ask(stream, due));
    const both = Promise.all([first.timing, second.timing]).then(([a, b]) =>
      isDirectFirst ? { direct: a, routed: b } : { direct: b, routed: a },
    );
    // Collected at the end; until then a failure must not count as unheard.
    both.catch(() => undefined);
    running.push(both);
  }
  return Promise.all(running);
}

/** Wrapped, so that the loop waits for the moment and not for the answer. */
async function startAt(due: number, start: (due: number) => Promise<Timing>): Promise<{ readonly timing: Promise<Timing> }> {
  const early = due - performance.now();
  if (early > 0) await new Promise((resolve) => setTimeout(resolve, early));
  return { timing: start(due) };
}
