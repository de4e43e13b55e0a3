import { z } from 'zod';

import type { Caller } from '#platform/auth';
import { readInput } from '#platform/errors';

import { dialects, type Catalog, type Dialect } from './engine';
import { policy } from './policy';
import type { SourceDirectory } from './sources/source-directory';
import { explainSql, transpileSql, validateSql, type Explanation, type Transpilation, type Validation } from './validation';

const sql = z.string().min(1, 'it must not be empty').max(100_000, 'it must have at most 100,000 characters');
const statementRules = z.object({ sql, dialect: z.enum(dialects).nullish(), sourceId: z.string().nullish() });
const transpileRules = z.object({ sql, sourceDialect: z.enum(dialects), targetDialect: z.enum(dialects) });

/** Looks at SQL without running it. */
export class ReviewService {
  constructor(private readonly directory: SourceDirectory) {}

  async validate(caller: Caller, input: unknown): Promise<Validation> {
    policy.require(caller, 'query:run');
    const statement = readInput(statementRules, input);
    return validateSql({ sql: statement.sql, ...(await this.schemaOf(caller, statement)) });
  }

  async explain(caller: Caller, input: unknown): Promise<Explanation> {
    policy.require(caller, 'query:run');
    const statement = readInput(statementRules, input);
    return explainSql({ sql: statement.sql, ...(await this.schemaOf(caller, statement)) });
  }

  async transpile(caller: Caller, input: unknown): Promise<Transpilation> {
    policy.require(caller, 'query:run');
    return transpileSql(readInput(transpileRules, input));
  }

  private async schemaOf(
    caller: Caller,
    { dialect, sourceId }: { dialect?: Dialect | null; sourceId?: string | null },
  ): Promise<{ dialect: Dialect; catalog?: Catalog }> {
    if (!sourceId) return { dialect: dialect ?? 'duckdb' };
    const { catalog } = await this.directory.require(caller, sourceId);
    return { dialect: dialect ?? catalog.dialect, catalog };
  }
}
