export { checkSql, type CheckSqlInput, type SqlCheck, type SqlError } from './check-sql';
export { tablesOf } from './tables-of';
export type { ProblemType } from './analyze';
