/** "revenue per customer by country": one number for each country, what is measured divided by how many customers it comes from. */
import { resolveMetric } from '../../semantic-model/expression/resolve';
import { singular } from '../../semantic-model/draft';
import { joinTree } from '../schema/join-tree';
import type { SchemaColumn, SchemaTable } from '../schema/types';
import { homeOf } from '../render/safe';
import { aggregatesIn } from '../tree-walk';
import type { Expression } from '../tree';
import { countRows, countedTable, nearestTime } from './measures';
import type { Mention } from './mentions';
import type { Reading } from './reading';

/** Call before other measures are read. Without something to split by, "revenue per customer" lists the customers. */
export function readPerEntity(reading: Reading): void {
  if (reading.measures.length > 0) return;
  const at = reading.question.tokens.findIndex((token) => token.lower === 'per');
  if (at <= 0 || !splitLater(reading, at)) return;
  const whole = reading.mentions.find((mention) => mention.from === at + 1);
  const part = reading.mentions.find((mention) => mention.to === at);
  const table = whole && (countedTable(reading, whole) ?? ((whole.tables[0]?.strength ?? 0) > 0.7 ? whole.tables[0]!.table : undefined));
  const left = part && measured(reading, part);
  if (!whole || whole.grain || !table || !left || left.home === table) return;
  const key = keyOf(reading, left.home, table);
  if (!key) return;
  const right: Expression = {
    kind: 'aggregate',
    fn: 'count',
    distinct: true,
    of: { kind: 'column', table: key.table.name, column: key.name },
  };
  const [average] = reading.cues('aggregate', 'avg').filter((cue) => cue.to === part.from || cue.to === part.from - 1);
  const time = left.time ?? nearestTime(reading, left.home);
  reading.measures.push({
    expression: {
      kind: 'arithmetic',
      operator: '/',
      left: left.expression,
      right,
      metric: `${part.metric?.metric ?? left.home.name} per ${singular(table.name)}`,
    },
    tokens: reading.use(part, { from: at, to: at + 1 }, whole, ...(average ? [average] : [])),
    better: 'up',
    home: left.home,
    ...(time ? { time } : {}),
  });
  reading.warnings.push(`Only ${table.name} that have any are counted.`);
}

const splitLater = (reading: Reading, at: number): boolean =>
  reading.question.grains.some((grain) => grain.from > at) ||
  reading.question.tokens.some((token, i) => {
    if (i <= at + 1 || token.lower !== 'by') return false;
    const next = reading.next(i + 1, 1);
    return next !== undefined && (next.columns.length > 0 || next.tables.length > 0 || next.grain !== undefined);
  });

function measured(reading: Reading, mention: Mention) {
  const counted =
    countedTable(reading, mention) ?? (!mention.metric && (mention.tables[0]?.strength ?? 0) > 0.7 ? mention.tables[0]!.table : undefined);
  if (counted) return { expression: countRows(reading, counted, []).expression, home: counted, time: nearestTime(reading, counted) };
  if (!mention.metric) return undefined;
  const { catalog, model } = reading.schema;
  const expression = resolveMetric(mention.metric.metric, { catalog, model });
  const [aggregate] = aggregatesIn(expression);
  const home = aggregate && homeOf(reading.schema, aggregate);
  const additive = expression.kind === 'aggregate' && (expression.fn === 'sum' || expression.fn === 'count');
  return additive && home ? { expression, home, time: undefined } : undefined;
}

/** The column, on the way from what is measured, that says which of the table's rows it belongs to. */
function keyOf(reading: Reading, home: SchemaTable, table: SchemaTable): SchemaColumn | undefined {
  const edges = joinTree(reading.schema, [home.id, table.id])?.edges ?? [];
  const last = edges.find((edge) => edge.to[0]!.table === table);
  return last?.from.length === 1 && edges.every((edge) => edge === last || edge.from[0]!.table !== table) ? last.from[0] : undefined;
}
