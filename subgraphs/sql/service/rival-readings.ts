import type { Caller } from '#platform/auth';

import { rivalsDisagree, rivalsMayWin, settleRivals, type Clarification } from './engine';
import type { GenerationResult } from './generation-result';
import type { QueryResult } from './sandbox';
import type { StatementRunner } from './statement-runner';

export interface RivalBudget {
  /** For all rivals of a question together, milliseconds. @default 1_000 */
  readonly milliseconds?: number;
  /** Rows of all tables that a reading touches, as introspection counted them; a table not counted is never cheap. @default 2_000_000 */
  readonly rows?: number;
}

interface Reading {
  readonly sql: string;
  readonly tables: readonly string[];
}

const SHOWN_ROWS = 5;
const MAX_ROWS = 1_000;

/**
 * Readings of one question, run and compared where that is cheap: readings with the same rows support each other, one without rows
 * yields, and the person is asked only where the rows differ. They run as the caller: same guard, same row policies, same cache.
 */
export class RivalReadings {
  constructor(
    private readonly runner: Pick<StatementRunner, 'peek'>,
    private readonly budget: RivalBudget = {},
  ) {}

  async settle(caller: Caller, generated: GenerationResult, signal?: AbortSignal): Promise<GenerationResult> {
    const readings = readingsOf(generated);
    const isComparable = generated.source && generated.dialect === generated.source.catalog.dialect;
    if (readings.length < 2 || !isComparable || (generated.weight === undefined && !generated.clarification)) return generated;
    const results = await this.run(caller, { generated, readings, signal });
    const settled = settleRivals(
      generated,
      results.map((result) => result?.rows ?? null),
    );
    return { ...generated, ...settled, ...this.ask(settled.clarification, { readings, results }) };
  }

  /** A question back stands only where the readings that it names differ in their rows, or could not be run. */
  private ask(
    clarification: Clarification | undefined,
    { readings, results }: { readings: readonly Reading[]; results: readonly (QueryResult | null)[] },
  ): { clarification?: Clarification | undefined } {
    if (!clarification || clarification.options.length === 0) return {};
    const shown = clarification.options.map(({ sql }) => results[readings.findIndex((reading) => reading.sql === sql)] ?? null);
    if (shown.every((result) => result !== null) && !rivalsDisagree(shown.map((result) => result!.rows)))
      return { clarification: undefined };
    const options = clarification.options.map((option, place) => {
      const result = shown[place];
      return result
        ? { ...option, result: { columns: result.columns.map(({ name }) => name), rows: result.rows.slice(0, SHOWN_ROWS) } }
        : option;
    });
    return { clarification: { ...clarification, options } };
  }

  private async run(
    caller: Caller,
    { generated, readings, signal }: { generated: GenerationResult; readings: readonly Reading[]; signal?: AbortSignal },
  ): Promise<(QueryResult | null)[]> {
    const { milliseconds = 1_000, rows = 2_000_000 } = this.budget;
    const counts = new Map(generated.source!.catalog.tables.map(({ name, rowCount }) => [name.toLowerCase(), rowCount ?? Infinity]));
    const cost = ({ tables }: Reading): number => tables.reduce((sum, name) => sum + (counts.get(name.toLowerCase()) ?? Infinity), 0);
    const deadline = Date.now() + milliseconds;
    const results: (QueryResult | null)[] = readings.map(() => null);
    // Where the reading itself is not cheap, nothing can be compared with it.
    if (readings.some((reading) => cost(reading) > rows)) return results;
    for (const [place, { sql }] of readings.entries()) {
      const left = deadline - Date.now();
      if (left < 50) break;
      results[place] = await this.runner
        .peek(caller, { source: generated.source!, sql, maxRows: MAX_ROWS, timeoutSeconds: left / 1_000, signal })
        .catch(() => null);
      signal?.throwIfAborted();
      // A reading that has rows and outweighs all the others together stays, whatever theirs are.
      if (place === 0 && results[0]?.rows.length && !generated.clarification && !rivalsMayWin(generated)) break;
    }
    return results;
  }
}

const readingsOf = (generated: GenerationResult): Reading[] =>
  generated.sql === null
    ? []
    : [
        { sql: generated.sql, tables: generated.tablesUsed },
        ...generated.alternatives.map(({ sql, tablesUsed }) => ({ sql, tables: tablesUsed ?? [] })),
      ];
