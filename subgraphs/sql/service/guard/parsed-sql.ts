import type { Query } from './ir';

export interface ParsedSql {
  /** What runs. */
  readonly query: Query;
  /** What was written, where the text that runs is another: for the places of what is wrong. */
  readonly original?: Query;
  /** The statement that runs: DuckDB's own text, or text written anew from the checked tree. */
  readonly sql: string;
  /** Names of the parameters; the statement that runs has them as `$name`, and each adapter writes them in its driver's way. */
  readonly parameters: readonly string[];
}
