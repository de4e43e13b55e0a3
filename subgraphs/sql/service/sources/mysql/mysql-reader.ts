import type { CatalogTable } from '../../engine/catalog';
import type { Cell } from '../../sandbox';
import { columnType } from '../introspection/column-type';
import type { IntrospectionReader, Rows } from '../introspection/reader';

const quote = (name: string): string => `\`${name.replaceAll('`', '``')}\``;
const text = (cell: Cell | undefined): string => (typeof cell === 'string' ? cell : '');

/** Reads the one database that the connection is in. */
export const mysqlReader = (rows: (sql: string) => Promise<Rows>): IntrospectionReader => ({
  dialect: 'mysql',
  quote,
  rows,
  sampleRows: 500_000,
  tables: async () => {
    const relations = await rows(
      "select table_name, table_type, table_comment, table_rows from information_schema.tables where table_schema = database() and table_type in ('BASE TABLE', 'VIEW') order by table_name",
    );
    const columns = await rows(
      'select table_name, column_name, column_type, is_nullable, column_comment from information_schema.columns where table_schema = database() order by table_name, ordinal_position',
    );
    const keys =
      await rows(`select table_name, constraint_name, column_name, referenced_table_name, referenced_column_name from information_schema.key_column_usage
      where table_schema = database() and (constraint_name = 'PRIMARY' or referenced_table_schema = database()) order by table_name, constraint_name, ordinal_position`);
    const tables = new Map<string, CatalogTable>();
    for (const [name, kind, comment, estimate] of relations) {
      const isView = kind === 'VIEW';
      tables.set(text(name), {
        name: text(name),
        kind: isView ? 'view' : 'table',
        columns: [],
        primaryKey: [],
        foreignKeys: [],
        ...(Number(estimate) > 0 ? { rowCount: Number(estimate) } : {}),
        ...(comment && !isView ? { comment: text(comment) } : {}),
      });
    }
    for (const [table, name, type, nullable, comment] of columns) {
      const declaredType = text(type);
      // tinyint(1) is how a boolean is declared; its values are 0 and 1.
      const known = columnType(declaredType);
      tables.get(text(table))?.columns.push({
        name: text(name),
        declaredType,
        type: known,
        nullable: nullable === 'YES',
        ...(comment ? { comment: text(comment) } : {}),
      });
    }
    const byConstraint = new Map<string, CatalogTable['foreignKeys'][number]>();
    for (const [table, constraint, column, target, targetColumn] of keys) {
      const owner = tables.get(text(table));
      if (!owner) continue;
      if (constraint === 'PRIMARY') {
        owner.primaryKey.push(text(column));
        continue;
      }
      const id = `${text(table)}/${text(constraint)}`;
      const key = byConstraint.get(id) ?? { columns: [], table: text(target), targetColumns: [], origin: 'declared' as const };
      if (!byConstraint.has(id)) owner.foreignKeys.push(key);
      byConstraint.set(id, key);
      key.columns.push(text(column));
      key.targetColumns.push(text(targetColumn));
    }
    return [...tables.values()];
  },
});

export const mysqlVersionSql =
  "select concat(count(*), '-', coalesce(max(update_time), ''), '-', coalesce(sum(table_rows), 0)) from information_schema.tables where table_schema = database()";
