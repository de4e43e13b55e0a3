export { builtExecArgv, builtFile, projectRoot } from './built-file';
export { createLifecycle, type Lifecycle, type LifecycleOptions, type Phase, type Resource } from './lifecycle';
export { lowerThreadPriority } from './thread-priority';
export { tuneMemory } from './tune-memory';
