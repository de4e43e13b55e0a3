import type { Catalog, Dialect } from '../engine/catalog';
import { analyze, type Analysis, type Problem, type ProblemType } from './analyze';
import { UnreadableSql, type Query } from './ir';
import { bracketDepth, maxNesting, placeOf } from './nesting';
import { parseSql } from './parse';
import { maxSqlCharacters, securityProblems, sizeProblem } from './rules';

export interface CheckSqlInput {
  readonly sql: string;
  readonly dialect: Dialect;
  /** Not given: tables and columns are taken for what they say. Never so for a statement that then runs. */
  readonly catalog?: Catalog;
  /** Values of the named parameters; the statement must name exactly these. Not given: not compared. */
  readonly parameters?: Readonly<Record<string, string | number | boolean | null>>;
}

export interface SqlError {
  readonly type: ProblemType;
  readonly message: string;
  readonly suggestion?: string;
  /** From 1. */
  readonly line?: number;
  readonly column?: number;
}

export interface SqlCheck {
  readonly ok: boolean;
  readonly dialect: Dialect;
  /** The statement that may run; empty unless `ok`. */
  readonly normalizedSql: string;
  /** Tables as the catalog spells them, each once. */
  readonly tables: readonly string[];
  /** `table.column`, each once. */
  readonly columns: readonly string[];
  readonly functions: readonly string[];
  readonly parameters: readonly string[];
  readonly errors: readonly SqlError[];
  /** The reading that was checked; absent where the statement could not be read. */
  readonly query?: Query;
  readonly analysis?: Analysis;
}

const unique = (values: readonly string[]): string[] => [...new Set(values)];

const failed = ({ sql, dialect }: CheckSqlInput, problems: readonly Problem[]): SqlCheck => ({
  ok: false,
  dialect,
  normalizedSql: '',
  tables: [],
  columns: [],
  functions: [],
  parameters: [],
  errors: problems.map((problem) => toError(sql, problem)),
});

const toError = (sql: string, { type, message, suggestion, at }: Problem): SqlError => ({
  type,
  message,
  ...(suggestion ? { suggestion } : {}),
  ...placeOf(sql, at),
});

/**
 * Whether a statement may run: one SELECT, over tables of the catalog, with functions of the list. Never throws for what is in the
 * statement. Unknown columns are errors here as well, with the nearest name, although an engine would refuse them too.
 */
export async function checkSql(input: CheckSqlInput): Promise<SqlCheck> {
  const { sql, dialect, catalog } = input;
  if (sql.length > maxSqlCharacters) {
    return failed(input, [
      { type: 'security_violation', message: `the statement is longer than ${maxSqlCharacters.toLocaleString('en')} characters` },
    ]);
  }
  if (sql.includes('\0')) return failed(input, [{ type: 'syntax_error', message: 'the statement contains a zero character' }]);
  if (bracketDepth(sql) > maxNesting)
    return failed(input, [{ type: 'security_violation', message: `more than ${maxNesting} brackets are open at once` }]);
  try {
    const parsed = await parseSql(sql, dialect);
    const size = sizeProblem(parsed.original ?? parsed.query);
    if (size) return failed(input, [size]);
    const written = parsed.original ? problemsOf(parsed.original, analyze(parsed.original, catalog), dialect) : [];
    const analysis = analyze(parsed.query, catalog);
    const problems = [
      ...(written.length > 0 ? written : problemsOf(parsed.query, analysis, dialect)),
      ...parameterProblems(parsed.parameters, input.parameters),
    ];
    return {
      ok: problems.length === 0,
      dialect,
      normalizedSql: problems.length === 0 ? parsed.sql : '',
      tables: unique(analysis.tables.map(({ table }) => (table.schema ? `${table.schema}.${table.name}` : table.name))),
      columns: analysis.columns,
      functions: unique(analysis.calls.map(({ name }) => name)),
      parameters: parsed.parameters,
      errors: problems.map((problem) => toError(sql, problem)),
      query: parsed.query,
      analysis,
    };
  } catch (thrown) {
    if (thrown instanceof UnreadableSql) {
      const offset = thrown.at === undefined ? undefined : thrown.at + (sql.length - sql.trimStart().length);
      return failed(input, [{ type: thrown.type, message: thrown.message, at: offset }]);
    }
    if (thrown instanceof RangeError) return failed(input, [{ type: 'security_violation', message: 'the statement is nested too deeply' }]);
    throw thrown;
  }
}

const problemsOf = (query: Query, analysis: Analysis, dialect: Dialect): Problem[] => [
  ...securityProblems(query, analysis, dialect),
  ...analysis.problems,
];

function parameterProblems(named: readonly string[], given: CheckSqlInput['parameters']): Problem[] {
  const positional = named.filter((name) => !/^[A-Za-z_]\w*$/.test(name));
  if (positional.length > 0)
    return [
      { type: 'syntax_error', message: 'parameters are written by name', suggestion: 'write $name and give its value in parameters' },
    ];
  if (given === undefined && named.length === 0) return [];
  const values = given ?? {};
  const missing = unique(named.filter((name) => !Object.hasOwn(values, name))).map((name): Problem => ({
    type: 'syntax_error',
    message: `the parameter $${name} has no value`,
    suggestion: `give ${name} in parameters`,
  }));
  if (given === undefined) return [];
  const unused = Object.keys(values).filter((name) => !named.includes(name));
  return [
    ...missing,
    ...unused.map((name): Problem => ({
      type: 'syntax_error',
      message: `the statement has no parameter $${name}`,
      suggestion: `leave ${name} out of parameters`,
    })),
  ];
}
