import type { SemanticModel } from '../../semantic-model/types';

/** People, or a draft that could be sure, have said what things are called and what is measured. */
export const isDescribed = (model: SemanticModel): boolean =>
  model.metrics.length > 0 || model.entities.some((entity) => (entity.synonyms ?? []).length > 0);
