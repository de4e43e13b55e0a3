import { registerEnumType } from 'type-graphql';

const enumOf = <Value extends string>(values: readonly Value[]): Readonly<Record<string, Value>> =>
  Object.fromEntries(values.map((value) => [value.toUpperCase(), value]));

export const MlTaskType = enumOf(['classification', 'regression', 'clustering', 'forecasting', 'anomaly'] as const);
export const MlJobStatus = enumOf(['submitted', 'running', 'completed', 'failed', 'cancelled'] as const);
export const ModelStage = enumOf(['none', 'staging', 'production', 'archived'] as const);
export const DeploymentStrategy = enumOf(['direct', 'canary', 'shadow', 'ab_test'] as const);
export const SplitStrategy = enumOf(['random', 'stratified', 'time', 'group'] as const);
export const TuningStrategy = enumOf(['grid', 'random', 'bayesian', 'halving'] as const);

registerEnumType(MlTaskType, { name: 'MlTaskType', description: 'What a model does.' });
registerEnumType(MlJobStatus, { name: 'MlJobStatus', description: 'Where a job stands.' });
registerEnumType(ModelStage, { name: 'ModelStage', description: 'How far a version is; production takes two people.' });
registerEnumType(DeploymentStrategy, { name: 'DeploymentStrategy', description: 'How requests are spread over versions.' });
registerEnumType(SplitStrategy, { name: 'SplitStrategy', description: 'How rows to measure on are held back.' });
registerEnumType(TuningStrategy, {
  name: 'TuningStrategy',
  description: 'How hyperparameters are searched; HALVING tries many on few rows and the best of them on more.',
});
