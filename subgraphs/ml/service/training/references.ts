import type { Caller } from '#platform/auth';
import { errors } from '#platform/errors';

import type { ExperimentService } from '../experiment.service';
import type { FeatureService } from '../features/feature.service';
import type { TrainingSources } from '../ports';

import type { TrainRequest } from './request';

type Named = Pick<TrainRequest, 'dataset' | 'featureSet' | 'experimentId'>;

/** What a training names beside its columns, looked up as the caller. */
export class References {
  constructor(
    private readonly parts: {
      readonly sources: TrainingSources;
      readonly features: FeatureService;
      readonly experiments: ExperimentService;
    },
  ) {}

  /** Before a job is queued: NOT_FOUND for a source, a feature set or an experiment that the caller does not have. */
  async check(caller: Caller, request: Named): Promise<void> {
    if ((request.dataset == null) === (request.featureSet == null))
      throw errors.INVALID_REQUEST({ what: 'dataset', hint: 'give either a dataset or a feature_set' }, { field: 'dataset' });
    if (request.experimentId != null) await this.parts.experiments.find(caller, request.experimentId);
    const { sourceId } = request.dataset ?? (await this.parts.features.trainingQuery(caller, request.featureSet!));
    await this.parts.sources.check(caller, sourceId);
  }

  /** The rows that a request means; of a feature set, entity and event time are no features unless they are named. */
  async resolve<Request extends Named & Pick<TrainRequest, 'featureColumns' | 'targetColumn'>>(
    caller: Caller,
    request: Request,
  ): Promise<Request & { dataset: { sourceId: string; query: string } }> {
    if (request.dataset) return { ...request, dataset: request.dataset };
    const { features, ...dataset } = await this.parts.features.trainingQuery(caller, request.featureSet!);
    const featureColumns = request.featureColumns ?? features.filter((name) => name !== request.targetColumn);
    return { ...request, dataset, featureColumns };
  }
}
