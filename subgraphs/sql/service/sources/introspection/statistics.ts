import { MAX_VALUES_PER_COLUMN } from '../../engine';
import type { CatalogColumn, CatalogTable } from '../../engine/catalog';
import type { Cell } from '../../sandbox';
import { tableName, type IntrospectionReader } from './reader';

const columnsPerQuery = 25;
const exactDistinctRows = 300_000;
const fewValues = 50;
const longestValue = 200;

/** Fills in row count, null and distinct counts, ranges and values of one table. */
export async function addStatistics(reader: IntrospectionReader, table: CatalogTable): Promise<void> {
  const name = tableName(reader, table);
  // Counting a large table of a server reads all of it: there the server's own estimate must do.
  const estimate = table.rowCount ?? 0;
  const count = estimate > reader.sampleRows ? estimate : Number((await reader.rows(`SELECT COUNT(*) FROM ${name}`))[0]?.[0] ?? 0);
  table.rowCount = count;
  if (count === 0) return;
  const sampled = count > reader.sampleRows;
  const from = sampled ? `(SELECT * FROM ${name} LIMIT ${reader.sampleRows}) t` : `${name} t`;
  const distinct = !sampled && count > exactDistinctRows ? reader.approximateDistinct : undefined;
  for (let start = 0; start < table.columns.length; start += columnsPerQuery) {
    const columns = table.columns.slice(start, start + columnsPerQuery);
    const selected = columns.flatMap((column) => measures(reader, column, distinct));
    const [row] = await reader.rows(`SELECT ${selected.join(', ')} FROM ${from}`);
    columns.forEach((column, index) => fill(column, (row ?? []).slice(index * 4, index * 4 + 4), { count, sampled }));
  }
  for (const column of table.columns) if (wantsValues(column)) await addValues(reader, column, { from, sampled });
}

const comparable = ({ type }: CatalogColumn): boolean => !['json', 'binary', 'other'].includes(type);

function measures(reader: IntrospectionReader, column: CatalogColumn, distinct: string | undefined): string[] {
  const name = `t.${reader.quote(column.name)}`;
  if (!comparable(column)) return [`COUNT(${name})`, 'NULL', 'NULL', 'NULL'];
  const ranged = column.type !== 'boolean' && column.type !== 'text';
  return [
    `COUNT(${name})`,
    distinct ? `${distinct}(${name})` : `COUNT(DISTINCT ${name})`,
    ranged ? `MIN(${name})` : 'NULL',
    ranged ? `MAX(${name})` : 'NULL',
  ];
}

function fill(
  column: CatalogColumn,
  [present, distinct, low, high]: readonly Cell[],
  { count, sampled }: { count: number; sampled: boolean },
): void {
  if (!sampled) column.nullCount = count - Number(present ?? 0);
  if (distinct !== null && distinct !== undefined && !sampled) column.distinctCount = Number(distinct);
  if (low !== null && low !== undefined) column.min = plain(low);
  if (high !== null && high !== undefined) column.max = plain(high);
}

const plain = (value: Cell): string | number => (typeof value === 'number' ? value : String(value));

const wantsValues = (column: CatalogColumn): boolean =>
  comparable(column) &&
  column.type !== 'boolean' &&
  (column.type === 'text' || (column.distinctCount !== undefined && column.distinctCount <= fewValues));

/** Commonest first, so that what is left out of a long list is what is asked for least. */
async function addValues(
  reader: IntrospectionReader,
  column: CatalogColumn,
  { from, sampled }: { from: string; sampled: boolean },
): Promise<void> {
  const name = `t.${reader.quote(column.name)}`;
  const rows = await reader.rows(
    `SELECT ${name}, COUNT(*) FROM ${from} WHERE ${name} IS NOT NULL GROUP BY ${name} ORDER BY COUNT(*) DESC, ${name} LIMIT ${MAX_VALUES_PER_COLUMN + 1}`,
  );
  const values = rows.map(([value]) => plain(value ?? ''));
  column.values = values.slice(0, MAX_VALUES_PER_COLUMN).filter((value) => typeof value === 'number' || value.length <= longestValue);
  column.valuesComplete = !sampled && column.values.length === rows.length;
  if (!reader.datesAreText || column.type !== 'text') return;
  column.type = observedType(column.values);
  if (column.type === 'text') return;
  const [range] = await reader.rows(`SELECT MIN(${name}), MAX(${name}) FROM ${from}`);
  column.min = plain(range?.[0] ?? '');
  column.max = plain(range?.[1] ?? '');
}

const isoDate = /^\d{4}-\d{2}-\d{2}$/;
const isoTimestamp = /^\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?$/;

function observedType(values: readonly (string | number)[]): CatalogColumn['type'] {
  if (values.length === 0) return 'text';
  if (values.every((value) => isoDate.test(String(value)))) return 'date';
  return values.every((value) => isoTimestamp.test(String(value)) || isoDate.test(String(value))) ? 'timestamp' : 'text';
}
