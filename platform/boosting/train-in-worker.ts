import { Worker } from 'node:worker_threads';

import { builtExecArgv, builtFile } from '#platform/lifecycle';

import type { BoostedModel } from './model';
import type { Progress } from './options';
import { fromDocument } from './serialise';
import type { TrainJob } from './train-worker';

export interface WorkerControl {
  readonly onProgress?: (progress: Progress) => void;
  readonly signal?: AbortSignal;
  /** Heap limit of the worker. @default Node's own */
  readonly maxHeapMb?: number;
}

type Message = { progress: Progress; model?: undefined } | { model: unknown; progress?: undefined };

/** Trains in a worker thread. Aborting ends the thread at once, in the middle of a tree as well. */
export const trainInWorker = async (job: TrainJob, control: WorkerControl = {}): Promise<BoostedModel> => {
  const { signal, onProgress, maxHeapMb } = control;
  signal?.throwIfAborted();
  const worker = new Worker(builtFile('platform/boosting/train-worker'), {
    workerData: job,
    execArgv: [...builtExecArgv],
    resourceLimits: maxHeapMb ? { maxOldGenerationSizeMb: maxHeapMb } : undefined,
  });
  let stop: (() => void) | undefined;
  try {
    return await new Promise<BoostedModel>((resolve, reject) => {
      stop = () => reject(signal?.reason as Error);
      signal?.addEventListener('abort', stop, { once: true });
      worker.on('message', (message: Message) => {
        if (message.progress) onProgress?.(message.progress);
        else resolve(fromDocument(message.model));
      });
      worker.once('error', reject);
      worker.once('exit', (code) => reject(new Error(`The training thread ended early with code ${code}`)));
    });
  } finally {
    if (stop) signal?.removeEventListener('abort', stop);
    await worker.terminate();
  }
};
