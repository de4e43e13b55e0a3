import type { CatalogTable } from '../../engine/catalog';
import type { Cell } from '../../sandbox';
import { columnType } from '../introspection/column-type';
import type { IntrospectionReader, Rows } from '../introspection/reader';

const quote = (name: string): string => `"${name.replaceAll('"', '""')}"`;
const text = (cell: Cell | undefined): string => (typeof cell === 'string' ? cell : '');

/** Reads what DuckDB knows of its one open file. */
export const duckdbReader = (rows: (sql: string) => Promise<Rows>): IntrospectionReader => ({
  dialect: 'duckdb',
  quote,
  rows,
  approximateDistinct: 'approx_count_distinct',
  sampleRows: Number.POSITIVE_INFINITY,
  tables: async () => {
    const [relations, columns, constraints] = await Promise.all([
      rows(`select schema_name, table_name, 'table', comment from duckdb_tables() where not internal union all
            select schema_name, view_name, 'view', comment from duckdb_views() where not internal order by 1, 2`),
      rows(
        'select schema_name, table_name, column_name, data_type, is_nullable, comment from duckdb_columns() where not internal order by 1, 2, column_index',
      ),
      rows(
        'select schema_name, table_name, constraint_type, constraint_column_names, referenced_table, referenced_column_names from duckdb_constraints()',
      ),
    ]);
    const tables = new Map<string, CatalogTable>();
    const keyOf = ([schema, name]: readonly Cell[]): string => `${text(schema)}.${text(name)}`;
    for (const row of relations) {
      const schema = text(row[0]);
      tables.set(keyOf(row), {
        name: text(row[1]),
        ...(schema === 'main' ? {} : { schema }),
        kind: row[2] === 'view' ? 'view' : 'table',
        columns: [],
        primaryKey: [],
        foreignKeys: [],
        ...(row[3] ? { comment: text(row[3]) } : {}),
      });
    }
    for (const row of columns) {
      const declaredType = text(row[3]);
      tables.get(keyOf(row))?.columns.push({
        name: text(row[2]),
        declaredType,
        type: columnType(declaredType),
        nullable: row[4] === true,
        ...(row[5] ? { comment: text(row[5]) } : {}),
      });
    }
    for (const row of constraints) {
      const table = tables.get(keyOf(row));
      const names = (row[3] as string[] | null) ?? [];
      if (row[2] === 'PRIMARY KEY' && table) table.primaryKey = names;
      if (row[2] === 'FOREIGN KEY' && table)
        table.foreignKeys.push({
          columns: names,
          table: text(row[4]),
          targetColumns: (row[5] as string[] | null) ?? [],
          origin: 'declared',
        });
    }
    return [...tables.values()];
  },
});
