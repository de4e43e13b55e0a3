export { checkConnection } from './connection';
export { createOpenSource, type OpenSourceOptions } from './open-source';
export { createVault, type Vault } from './vault';
export { sourceKinds, type OpenSource, type SourceAdapter, type SourceKind, type SourceQuery, type SourceSettings } from './types';
