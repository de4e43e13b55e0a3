export { createSandbox, type SandboxOptions } from './sandbox';
export { cleanMessage } from './clean-message';
export type * from './types';
