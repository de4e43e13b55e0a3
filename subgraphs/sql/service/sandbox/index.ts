export { createSandbox, type SandboxOptions } from './sandbox';
export { buildDuckdbFile, BuildFailure, type BuildFile } from './build-file';
export { cleanMessage } from './clean-message';
export type * from './types';
