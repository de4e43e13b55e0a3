import { parentPort, workerData } from 'node:worker_threads';

import { lowerThreadPriority } from '#platform/lifecycle';

import { trainModel } from './train-model';

interface Job {
  readonly frame: Parameters<typeof trainModel>[0];
  readonly plan: Parameters<typeof trainModel>[1];
}

lowerThreadPriority(10);
const { frame, plan } = workerData as Job;
trainModel(frame, plan, (fraction) => parentPort!.postMessage({ progress: fraction })).then(
  (trained) => parentPort!.postMessage({ trained }),
  (error: unknown) => parentPort!.postMessage({ problem: error instanceof Error ? error.message : 'training failed' }),
);
