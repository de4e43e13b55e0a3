import type { ModelScorer } from '../algorithms/score';
import type { Prediction, Row } from '../algorithms/prediction';

export interface MicroBatchOptions {
  /** How long a request waits for others, milliseconds; 0: only while the model is busy. @default 0 */
  readonly windowMs?: number;
  /** Rows scored at once at most. @default 1_024 */
  readonly maxRows?: number;
}

interface Waiting {
  readonly rows: readonly Row[];
  readonly explain: boolean;
  resolve(predictions: Prediction[]): void;
  reject(reason: unknown): void;
}

/**
 * Scores requests of one model together that come within a window, or while it is busy: for runtimes whose price is by the call. With
 * no window a request that comes alone is scored at once. Answers are those of each request alone.
 */
export function microBatched(scorer: ModelScorer, { windowMs = 0, maxRows = 1_024 }: MicroBatchOptions = {}): ModelScorer {
  let waiting: Waiting[] = [];
  let running = false;
  let timer: NodeJS.Timeout | undefined;

  const next = (): Waiting[] => {
    // Explanations are several times the work: who asked for none does not wait for them.
    const { explain } = waiting[0]!;
    let rows = 0;
    const batch = waiting.filter((each) => each.explain === explain && ((rows += each.rows.length) <= maxRows || each === waiting[0]));
    waiting = waiting.filter((each) => !batch.includes(each));
    return batch;
  };

  const run = async (): Promise<void> => {
    clearTimeout(timer);
    timer = undefined;
    if (running) return;
    running = true;
    while (waiting.length > 0) await scoreTogether(scorer, next());
    running = false;
  };

  const schedule = (): void => {
    if (running || timer) return;
    if (windowMs === 0) return void run();
    timer = setTimeout(() => void run(), windowMs);
  };

  return {
    predict: (rows, { explain = true } = {}) =>
      new Promise((resolve, reject) => {
        waiting.push({ rows, explain, resolve, reject });
        const isFull = waiting.reduce((sum, each) => sum + each.rows.length, 0) >= maxRows;
        if (isFull) void run();
        else schedule();
      }),
  };
}

/** Never rejects. Where the batch fails, each is scored alone, so that one bad request spoils no other. */
async function scoreTogether(scorer: ModelScorer, batch: readonly Waiting[]): Promise<void> {
  const options = { explain: batch[0]!.explain };
  try {
    const predictions = await scorer.predict(batch.flatMap(({ rows }) => rows), options); // prettier-ignore
    let from = 0;
    for (const { rows, resolve } of batch) resolve(predictions.slice(from, (from += rows.length)));
  } catch (error) {
    if (batch.length === 1) return batch[0]!.reject(error);
    await Promise.all(batch.map(({ rows, resolve, reject }) => scorer.predict(rows, options).then(resolve, reject)));
  }
}
