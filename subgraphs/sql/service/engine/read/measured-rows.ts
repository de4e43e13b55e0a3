/** "products that sold more than 1000 units": each has many of them, so what is compared is their sum. */
import { resolveMetric } from '../../semantic-model/expression/resolve';
import { homeOf, multiplies } from '../render/safe';
import type { SchemaColumn } from '../schema/types';
import type { Aggregate } from '../tree';
import { canonical } from '../tree-walk';
import { nearestTime } from './measures';
import { columnRef, type Reading } from './reading';

/** Call before periods are read, which are then about what is summed. */
export function readMeasuredRows(reading: Reading): void {
  const own = reading.entity?.table;
  if (!own || reading.measures.length > 0) return;
  for (const mention of reading.mentions) {
    const { number } = mention;
    if (!number?.operator || !reading.free(mention) || number.role === 'top') continue;
    const named =
      reading.mentions.find((item) => item.from === mention.to) ?? reading.mentions.filter((item) => item.to <= mention.from).at(-1);
    const column = named?.columns.find((link) => link.strength > 0.7 && link.column.isNumeric && !link.column.isId)?.column;
    if (!named || !column || column.table === own || !multiplies(reading.schema, own, column.table)) continue;
    const expression = sumOf(reading, column);
    if (!expression) continue;
    const home = homeOf(reading.schema, expression) ?? column.table;
    const time = nearestTime(reading, home);
    const verb = reading.question.tokens
      .slice(0, mention.from)
      .findLast(({ lower }) => /^(sold|sells?|bought|buys?|ordered|returned)$/.test(lower));
    const said = verb && verb.index > Math.max(...reading.entity!.tokens) ? [{ from: verb.index, to: verb.index + 1 }] : [];
    reading.measures.push({ expression, tokens: reading.use(named, ...said), better: 'up', home, ...(time ? { time } : {}) });
    return;
  }
}

/** The metric that adds the column up, with its filters; else the measure itself, where it is one that adds up. */
function sumOf(reading: Reading, column: SchemaColumn): Aggregate | undefined {
  const { model, catalog } = reading.schema;
  const of = columnRef(reading, column);
  for (const { name } of model.metrics) {
    const metric = resolveMetric(name, { catalog, model });
    if (metric.kind === 'aggregate' && metric.fn === 'sum' && metric.of && canonical(metric.of) === canonical(of)) return metric;
  }
  const measure = model.entities
    .find((entity) => entity.table.toLowerCase() === column.table.name.toLowerCase())
    ?.measures.find((item) => item.expression.toLowerCase() === column.name.toLowerCase());
  return measure?.aggregate === 'sum' ? { kind: 'aggregate', fn: 'sum', of } : undefined;
}
