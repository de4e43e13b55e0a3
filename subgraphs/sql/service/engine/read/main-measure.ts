/** "our best customer", "which town sells most": what is ranked by where the question does not say. */
import { resolveMetric } from '../../semantic-model/expression/resolve';
import { homeOf, multiplies } from '../render/safe';
import type { SchemaColumn, SchemaTable } from '../schema/types';
import type { Expression } from '../tree';
import { aggregatesIn } from '../tree-walk';
import { columnRef, type Reading } from './reading';

export interface MainMeasure {
  expression: Expression;
  home: SchemaTable;
  better: 'up' | 'down';
  name: string;
}

/** The first metric that adds something up for each of the rows; without metrics, the table's own sum that has the usual names. */
export function mainMeasure(reading: Reading, own: SchemaTable): MainMeasure | undefined {
  const { model, catalog } = reading.schema;
  for (const metric of model.metrics) {
    if (!/^sum\(/i.test(metric.expression.trim())) continue;
    const expression = resolveMetric(metric.name, { catalog, model });
    const home = aggregatesIn(expression)
      .map((aggregate) => homeOf(reading.schema, aggregate))
      .find((table) => table !== undefined);
    if (!home || reading.distance(own, home) > 9 || multiplies(reading.schema, home, own)) continue;
    return { expression, home, better: metric.better ?? 'up', name: (metric.label ?? metric.name).toLowerCase() };
  }
  const column = mainColumn(reading, own);
  if (!column) return undefined;
  const expression: Expression = { kind: 'aggregate', fn: 'sum', of: columnRef(reading, column) };
  return { expression, home: own, better: 'up', name: `total ${column.name.replaceAll('_', ' ').toLowerCase()}` };
}

/** What each row of a table is worth: its sum that people have other names for, else its only sum. */
export function mainColumn(reading: Reading, table: SchemaTable): SchemaColumn | undefined {
  const entity = reading.schema.model.entities.find((item) => item.table.toLowerCase() === table.name.toLowerCase());
  const sums = (entity?.measures ?? []).filter((measure) => measure.aggregate === 'sum');
  const main = sums.find((measure) => (measure.synonyms ?? []).length > 0) ?? (sums.length === 1 ? sums[0] : undefined);
  return main && table.columns.find((column) => column.name.toLowerCase() === main.expression.toLowerCase());
}

/** How the model says that a column is usually put together. */
export const measureOf = (reading: Reading, column: SchemaColumn) =>
  reading.schema.model.entities
    .find((item) => item.table.toLowerCase() === column.table.name.toLowerCase())
    ?.measures.find((item) => item.expression.toLowerCase() === column.name.toLowerCase());
