import { parentPort, workerData } from 'node:worker_threads';

import { lowerThreadPriority } from '#platform/lifecycle';

import type { Dataset } from './dataset';
import type { TrainOptions } from './options';
import { toDocument } from './serialise';
import { train } from './train';

export interface TrainJob {
  readonly data: Dataset;
  readonly options: TrainOptions;
  readonly validation?: Dataset;
}

lowerThreadPriority(10);
const job = workerData as TrainJob;
const model = train(job.data, job.options, {
  validation: job.validation,
  onProgress: (progress) => parentPort?.postMessage({ progress }),
});
parentPort?.postMessage({ model: toDocument(model) });
