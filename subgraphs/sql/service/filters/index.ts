export { bindParameters, type Parameters } from './bind-parameters';
export { readFilters, filterOperators, type Filter, type FilterOperator } from './types';
export { filterTree, type FilteredTree } from './filter-tree';
export { filterSql } from './filter-sql';
