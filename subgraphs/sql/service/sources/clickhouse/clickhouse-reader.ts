import type { CatalogTable } from '../../engine/catalog';
import type { Cell } from '../../sandbox';
import { columnType } from '../introspection/column-type';
import type { IntrospectionReader, Rows } from '../introspection/reader';

const quote = (name: string): string => `\`${name.replaceAll('\\', '\\\\').replaceAll('`', '\\`')}\``;
const text = (cell: Cell | undefined): string => (typeof cell === 'string' ? cell : '');

/** Reads the connection's database. A primary key of ClickHouse sorts and does not identify, so that keys are inferred here. */
export const clickhouseReader = (rows: (sql: string) => Promise<Rows>): IntrospectionReader => ({
  dialect: 'clickhouse',
  quote,
  rows,
  approximateDistinct: 'uniq',
  sampleRows: 20_000_000,
  tables: async () => {
    const relations = await rows(
      "select name, engine from system.tables where database = currentDatabase() and name not like '.inner%' order by name",
    );
    const columns = await rows('select table, name, type from system.columns where database = currentDatabase()');
    const tables = new Map<string, CatalogTable>();
    for (const [name, engine] of relations) {
      tables.set(text(name), {
        name: text(name),
        kind: /View$/.test(text(engine)) ? 'view' : 'table',
        columns: [],
        primaryKey: [],
        foreignKeys: [],
      });
    }
    for (const [table, name, type] of columns) {
      const declaredType = text(type);
      tables.get(text(table))?.columns.push({
        name: text(name),
        declaredType,
        type: columnType(declaredType),
        nullable: /^(LowCardinality\()?Nullable/.test(declaredType),
      });
    }
    return [...tables.values()];
  },
});

export const clickhouseVersionSql =
  "select concat(toString(count()), '-', toString(sum(rows)), '-', toString(max(modification_time))) from system.parts where active and database = currentDatabase()";
