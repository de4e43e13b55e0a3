/** "customers who ordered in both 2023 and 2024": rows of each period, not rows that are of both. */
import { multiplies } from '../render/safe';
import type { Condition, TimeRange } from '../tree';
import { canonical, columnsIn } from '../tree-walk';
import type { Reading } from './reading';

/** Call when conditions are read. */
export function readBothPeriods(reading: Reading): void {
  const at = reading.question.tokens.findIndex(({ lower }) => lower === 'both');
  const [counted] = reading.measures.flatMap(({ expression }) => (expression.kind === 'aggregate' && expression.rows) || []);
  const owner = reading.entity?.table ?? (counted === undefined ? undefined : reading.schema.tableByName.get(counted.toLowerCase()));
  if (at < 0 || !owner) return;
  const periods = reading.conditions.filter(
    (condition): condition is TimeRange => condition.kind === 'time' && Math.min(...(condition.tokens ?? [])) > at,
  );
  const [first, second] = periods;
  const column = first && columnsIn(first)[0];
  const table = column && reading.schema.tableByName.get(column.table.toLowerCase());
  if (!first || !second || !table || table === owner || canonical(first.of) !== canonical(second.of)) return;
  if (!multiplies(reading.schema, owner, table)) return;
  reading.use({ from: at, to: at + 1 });
  const each = (period: TimeRange): Condition => ({
    kind: 'has',
    of: owner.name,
    table: table.name,
    where: period,
    ...(period.tokens ? { tokens: period.tokens } : {}),
  });
  reading.conditions = reading.conditions.map((condition) =>
    periods.includes(condition as TimeRange) ? each(condition as TimeRange) : condition,
  );
}
