import type { CatalogTable } from '../../engine/catalog';
import type { Cell } from '../../sandbox';
import { sqliteColumnType } from '../introspection/column-type';
import type { IntrospectionReader, Rows } from '../introspection/reader';

const quote = (name: string): string => `"${name.replaceAll('"', '""')}"`;
const text = (cell: Cell | undefined): string => (typeof cell === 'string' ? cell : '');
const literal = (value: string): string => `'${value.replaceAll("'", "''")}'`;

/** Reads what SQLite knows of its file. Dates are text there, so that text columns are looked at for dates. */
export const sqliteReader = (rows: (sql: string) => Promise<Rows>): IntrospectionReader => ({
  dialect: 'sqlite',
  quote,
  rows,
  sampleRows: 500_000,
  datesAreText: true,
  tables: async () => {
    const relations = await rows(
      "select name, type from sqlite_master where type in ('table', 'view') and name not like 'sqlite!_%' escape '!' and name not like 'libsql!_%' escape '!' order by name",
    );
    const tables: CatalogTable[] = [];
    for (const [name, kind] of relations) tables.push(await readTable(rows, text(name), kind === 'view' ? 'view' : 'table'));
    // A reference may leave its target column out: the target's primary key is meant.
    for (const key of tables.flatMap(({ foreignKeys }) => foreignKeys)) {
      if (key.targetColumns.length === 0)
        key.targetColumns = tables.find((table) => table.name.toLowerCase() === key.table.toLowerCase())?.primaryKey ?? [];
    }
    return tables;
  },
});

async function readTable(rows: (sql: string) => Promise<Rows>, name: string, kind: 'table' | 'view'): Promise<CatalogTable> {
  const columns = await rows(`select name, type, "notnull", pk from pragma_table_info(${literal(name)}) order by cid`);
  const references = await rows(`select id, seq, "table", "from", "to" from pragma_foreign_key_list(${literal(name)}) order by id, seq`);
  const table: CatalogTable = {
    name,
    kind,
    columns: columns.map(([column, type, required]) => ({
      name: text(column),
      declaredType: text(type),
      type: sqliteColumnType(text(type)),
      nullable: required !== 1,
    })),
    primaryKey: columns
      .filter(([, , , position]) => Number(position) > 0)
      .sort((a, b) => Number(a[3]) - Number(b[3]))
      .map(([column]) => text(column)),
    foreignKeys: [],
  };
  const byId = new Map<Cell, CatalogTable['foreignKeys'][number]>();
  for (const [id, , target, from, to] of references) {
    const key = byId.get(id ?? null) ?? { columns: [], table: text(target), targetColumns: [], origin: 'declared' as const };
    key.columns.push(text(from));
    if (to !== null) key.targetColumns.push(text(to));
    byId.set(id ?? null, key);
  }
  table.foreignKeys = [...byId.values()];
  return table;
}
