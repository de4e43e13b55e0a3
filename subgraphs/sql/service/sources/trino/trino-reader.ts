import type { CatalogTable } from '../../engine/catalog';
import type { Cell } from '../../sandbox';
import type { ServerConnection } from '../connection';
import { columnType } from '../introspection/column-type';
import type { IntrospectionReader, Rows } from '../introspection/reader';

const quote = (name: string): string => `"${name.replaceAll('"', '""')}"`;
const literal = (value: string): string => `'${value.replaceAll("'", "''")}'`;
const text = (cell: Cell | undefined): string => (typeof cell === 'string' ? cell : '');

/** Reads one schema of one catalog. Trino knows no keys: they are inferred. */
export const trinoReader = (rows: (sql: string) => Promise<Rows>, { catalog, schema }: ServerConnection['trino']): IntrospectionReader => ({
  dialect: 'trino',
  quote,
  rows,
  approximateDistinct: 'approx_distinct',
  sampleRows: 5_000_000,
  tables: async () => {
    const from = `${quote(catalog)}.information_schema`;
    const relations = await rows(
      `select table_name, table_type from ${from}.tables where table_schema = ${literal(schema)} order by table_name`,
    );
    const columns = await rows(
      `select table_name, column_name, data_type, is_nullable from ${from}.columns where table_schema = ${literal(schema)} order by table_name, ordinal_position`,
    );
    const tables = new Map<string, CatalogTable>();
    for (const [name, kind] of relations)
      tables.set(text(name), { name: text(name), kind: kind === 'VIEW' ? 'view' : 'table', columns: [], primaryKey: [], foreignKeys: [] });
    for (const [table, name, type, nullable] of columns) {
      const declaredType = text(type);
      tables
        .get(text(table))
        ?.columns.push({ name: text(name), declaredType, type: columnType(declaredType), nullable: nullable !== 'NO' });
    }
    return [...tables.values()];
  },
});
