export { SearchIndex, type SearchIndexOptions } from './search-index';
export { highlights } from './highlights';
export { vectorIndexFrom } from './search-table';
export { collections, type Collection, type IndexEntry, type IndexHit, type IndexQuery, type SearchMode } from './types';
