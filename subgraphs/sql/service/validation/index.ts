export { explainSql, type ExplainSqlInput } from './explain-sql';
export { transpileSql, type TranspileSqlInput } from './transpile-sql';
export { validateSql, type ValidateSqlInput } from './validate-sql';
export type * from './types';
