export { SearchIndex, type SearchIndexOptions } from './search-index';
export { highlights } from './highlights';
export { vectorIndexFrom } from './search-table';
export {
  collections,
  type Collection,
  type Generation,
  type IndexEntry,
  type IndexHit,
  type IndexQuery,
  type RankedHit,
  type SearchMode,
  type Shelf,
} from './types';
