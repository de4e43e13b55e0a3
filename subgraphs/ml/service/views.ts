export type { JobNote, StoredJob as JobView } from '../store/job.store';
export type { StoredFeatureSet as FeatureSetView } from '../store/feature.store';
export type { StoredVersion as VersionRecord } from '../store/registry.store';
export type { StoredModel as ModelRecord } from '../store/registry.store';
