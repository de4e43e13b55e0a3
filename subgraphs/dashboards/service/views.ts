export type { StoredRun as RunView } from '../store/watch.store';
