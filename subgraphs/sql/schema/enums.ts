import { registerEnumType } from 'type-graphql';

/** GraphQL names in capitals, values as REST and the services write them. */
const enumOf = <Value extends string>(values: readonly Value[]): Readonly<Record<string, Value>> =>
  Object.fromEntries(values.map((value) => [value.toUpperCase(), value]));

export const SqlDialect = enumOf([
  'duckdb',
  'postgresql',
  'sqlite',
  'mysql',
  'clickhouse',
  'trino',
  'spark',
  'bigquery',
  'snowflake',
] as const);
export const GenerationStrategy = enumOf(['auto', 'semantic', 'llm'] as const);
export const AnswerEngine = enumOf(['verified', 'semantic', 'llm'] as const);
export const ExecutionPlan = enumOf(['direct', 'sequential', 'decomposed'] as const);
export const QueryComplexity = enumOf(['low', 'medium', 'high'] as const);
export const QueryStatus = enumOf(['generated', 'running', 'succeeded', 'failed', 'cancelled'] as const);
export const SourceKind = enumOf(['duckdb', 'sqlite', 'postgresql', 'mysql', 'clickhouse', 'trino'] as const);
export const SourceStatus = enumOf(['ready', 'refreshing', 'failed'] as const);
export const VerifiedQueryStatus = enumOf(['candidate', 'approved'] as const);
export const ValidationErrorType = enumOf([
  'syntax_error',
  'invalid_table',
  'invalid_column',
  'ambiguous_column',
  'missing_join_condition',
  'security_violation',
] as const);
export const ValidationWarningType = enumOf(['select_star', 'missing_limit', 'cartesian_product', 'fan_out', 'unbounded_scan'] as const);

registerEnumType(SqlDialect, { name: 'SqlDialect', description: 'The SQL dialect of a statement.' });
registerEnumType(GenerationStrategy, {
  name: 'GenerationStrategy',
  description: 'Who writes the SQL: the semantic engine alone, a language model, or whichever is more certain.',
});
registerEnumType(AnswerEngine, {
  name: 'AnswerEngine',
  description: 'Who wrote the SQL: a person who approved it, the semantic engine, or a language model.',
});
registerEnumType(ExecutionPlan, {
  name: 'ExecutionPlan',
  description: 'How the question is answered: in one statement, in steps, or in parts that are joined.',
});
registerEnumType(QueryComplexity, {
  name: 'QueryComplexity',
  description: 'How much work a statement is, judged from its joins, nesting and tables.',
});
registerEnumType(QueryStatus, { name: 'QueryStatus', description: 'Where a query stands.' });
registerEnumType(SourceKind, { name: 'SourceKind', description: 'The engine that holds the data of a source.' });
registerEnumType(SourceStatus, { name: 'SourceStatus', description: 'Whether a source can be asked.' });
registerEnumType(VerifiedQueryStatus, {
  name: 'VerifiedQueryStatus',
  description: 'Whether a person has approved the pair of question and SQL.',
});
registerEnumType(ValidationErrorType, { name: 'ValidationErrorType', description: 'Why a statement cannot run.' });
registerEnumType(ValidationWarningType, { name: 'ValidationWarningType', description: 'What is doubtful about a statement that can run.' });
