export { createResultCache, type ResolveOptions, type ResultCache, type ResultCacheOptions, type ResultKey } from './result-cache';
