/** "orders over 500", "share of orders worth more than 500 euros": rows without an amount of their own, kept by what is added up for each. */
import { resolveMetric } from '../../semantic-model/expression/resolve';
import { say } from '../explain/phrases';
import { homeOf } from '../render/safe';
import type { SchemaTable } from '../schema/types';
import type { Aggregate, Expression } from '../tree';
import { literal } from './filters';
import { isDescribed } from '../schema/described';
import { mainColumn } from './main-measure';
import { countedTable } from './measures';
import type { Mention } from './mentions';
import { columnRef, type Reading } from './reading';

const between =
  /^(are|is|were|was|that|which|worth|valued|totalling|totaling|with|of|a|an|the|total|value|amount|over|above|below|under|more|less|greater|larger|bigger|smaller|higher|lower|than|at|least|most|up|to|exceeding|between)$/;
const money = /^(euros?|eur|€|dollars?|usd|\$|pounds?|gbp|£)$/;

/** Call before numbers meet columns. What a row is worth is the sum that the model divides by the number of these rows. */
export function readValuedRows(reading: Reading): void {
  for (const mention of reading.mentions) {
    const { number } = mention;
    if (!number || !reading.free(mention) || (!number.operator && number.upper === undefined) || number.role === 'top') continue;
    if (number.role === 'percent' || (number.unit !== undefined && !money.test(reading.word(number.unit)) && isNamed(reading, number.unit)))
      continue;
    const rows = rowsBefore(reading, mention);
    const own = rows && mainColumn(reading, rows.table);
    if (rows && own && isDescribed(reading.schema.model)) {
      const left = columnRef(reading, own);
      const tokens = reading.use(mention, { from: rows.to, to: mention.from });
      reading.conditions.push(
        number.upper === undefined
          ? { kind: 'compare', operator: number.operator!, left, right: literal(number.value), tokens }
          : { kind: 'between', of: left, low: literal(number.value), high: literal(number.upper), tokens },
      );
      continue;
    }
    const worth = rows && worthOf(reading, rows.table);
    if (!rows || !worth) continue;
    const unit = number.unit !== undefined && money.test(reading.word(number.unit)) ? [{ from: number.unit, to: number.unit + 1 }] : [];
    const tokens = reading.use(mention, { from: rows.to, to: mention.from }, ...unit);
    const key: Expression = { kind: 'column', table: rows.table.name, column: rows.table.primaryKey[0]!.name };
    reading.conditions.push({
      kind: 'inQuery',
      of: key,
      query: {
        show: [{ expression: key }],
        per: [key],
        having:
          number.upper === undefined
            ? { kind: 'compare', operator: number.operator!, left: worth, right: literal(number.value) }
            : { kind: 'between', of: worth, low: literal(number.value), high: literal(number.upper) },
        sort: [],
        distinct: false,
        through: [],
        fanOut: 'safe',
      },
      tokens,
    });
    reading.warnings.push(`What ${rows.table.name} are worth is taken as the ${say(worth)} that belongs to them.`);
  }
}

const isNamed = (reading: Reading, token: number): boolean =>
  reading.mentions.some((mention) => mention.from === token && (mention.tables.length > 0 || mention.columns.length > 0 || mention.metric));

/** The rows right before the number, with nothing but the comparison in between. */
function rowsBefore(reading: Reading, number: Mention): { table: SchemaTable; to: number } | undefined {
  const before = reading.mentions.filter((mention) => mention.to <= number.from && !mention.number).at(-1);
  const table =
    before && (countedTable(reading, before) ?? ((before.tables[0]?.strength ?? 0) > 0.7 ? before.tables[0]!.table : undefined));
  if (!before || !table) return undefined;
  const words = reading.question.tokens.slice(before.to, number.from);
  return words.every((token) => between.test(token.lower)) ? { table, to: before.to } : undefined;
}

function worthOf(reading: Reading, table: SchemaTable): Aggregate | undefined {
  if (table.primaryKey.length !== 1) return undefined;
  const { model, catalog } = reading.schema;
  for (const metric of model.metrics) {
    const ratio = resolveMetric(metric.name, { catalog, model });
    if (ratio.kind !== 'arithmetic' || ratio.operator !== '/') continue;
    const { left, right } = ratio;
    if (right.kind !== 'aggregate' || right.fn !== 'count' || right.distinct || right.rows?.toLowerCase() !== table.name.toLowerCase())
      continue;
    const home = left.kind === 'aggregate' && left.fn === 'sum' ? homeOf(reading.schema, left) : undefined;
    // A row is worth what it is worth, also where the metric leaves it out.
    if (home && home !== table && left.kind === 'aggregate') {
      const { where: _where, metric: _metric, ...sum } = left;
      return sum;
    }
  }
  return undefined;
}
