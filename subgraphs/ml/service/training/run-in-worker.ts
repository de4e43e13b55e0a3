import { Worker } from 'node:worker_threads';

import { errors } from '#platform/errors';
import { builtExecArgv, builtFile } from '#platform/lifecycle';

import type { Frame } from '../data/frame';

import type { TrainingPlan } from './plan';
import type { Trained } from './trained';

interface Control {
  readonly signal?: AbortSignal;
  readonly onProgress?: (fraction: number) => void;
  /** @default 4_096 */
  readonly maxMemoryMb?: number;
}

type Message = { readonly progress?: number; readonly trained?: Trained; readonly problem?: string };

/** Trains in a thread of its own. Aborting ends the thread at once. QUERY_FAILED where the data cannot be learned from. */
export async function trainInThread(
  frame: Frame,
  plan: TrainingPlan,
  { signal, onProgress, maxMemoryMb = 4_096 }: Control = {},
): Promise<Trained> {
  signal?.throwIfAborted();
  const worker = new Worker(builtFile('subgraphs/ml/service/training/train-worker'), {
    workerData: { frame, plan },
    execArgv: [...builtExecArgv],
    resourceLimits: { maxOldGenerationSizeMb: maxMemoryMb },
    // What libraries print is no log of ours.
    stdout: true,
    stderr: true,
  });
  let onAbort: (() => void) | undefined;
  try {
    return await new Promise<Trained>((resolve, reject) => {
      onAbort = () => reject(signal!.reason as Error);
      signal?.addEventListener('abort', onAbort, { once: true });
      worker.on('message', ({ progress, trained, problem }: Message) => {
        if (progress !== undefined) onProgress?.(progress);
        else if (trained) resolve(trained);
        else reject(errors.QUERY_FAILED({ reason: `the model could not be trained: ${problem ?? 'unknown reason'}` }));
      });
      worker.once('error', (cause) =>
        reject(errors.QUERY_FAILED({ reason: 'training ran out of memory or failed; use fewer rows or columns' }, { cause })),
      );
      worker.once('exit', () => reject(errors.QUERY_FAILED({ reason: 'the training thread ended early' })));
    });
  } finally {
    if (onAbort) signal?.removeEventListener('abort', onAbort);
    await worker.terminate();
  }
}
