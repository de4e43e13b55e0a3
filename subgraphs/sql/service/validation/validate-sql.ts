import type { Catalog, Dialect } from '../engine/catalog';
import { checkSql, type ProblemType } from '../guard';
import type { Validation } from './types';
import { complexityOf, warningsOf } from './warnings';

export interface ValidateSqlInput {
  readonly sql: string;
  readonly dialect: Dialect;
  /** Without it the last stage, tables and columns, is left out. */
  readonly catalog?: Catalog;
}

/** The stages in their order: security, syntax, tree, schema. */
const stages: readonly ProblemType[] = [
  'security_violation',
  'syntax_error',
  'missing_join_condition',
  'invalid_table',
  'invalid_column',
  'ambiguous_column',
];

/** Looks at a statement without running it. Never throws for what is in it. */
export async function validateSql(input: ValidateSqlInput): Promise<Validation> {
  const check = await checkSql(input);
  const errors = check.errors
    .map(({ type, message, line, column, suggestion }) => ({
      type,
      message,
      line: line ?? null,
      column: column ?? null,
      suggestion: suggestion ?? null,
    }))
    .filter(({ type, message }) => type !== 'syntax_error' || !message.startsWith('the parameter $'))
    .sort((a, b) => stages.indexOf(a.type) - stages.indexOf(b.type));
  const { query, analysis } = check;
  return {
    valid: errors.length === 0,
    errors,
    warnings: query && analysis ? warningsOf(query, analysis) : [],
    tablesReferenced: [...check.tables],
    columnsReferenced: [...check.columns],
    estimatedComplexity: query ? complexityOf(query) : 'low',
    normalizedSql: errors.length === 0 ? check.normalizedSql || input.sql.trim() : null,
  };
}
