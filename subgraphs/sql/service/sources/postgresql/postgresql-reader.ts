import type { CatalogTable } from '../../engine/catalog';
import type { Cell } from '../../sandbox';
import { columnType } from '../introspection/column-type';
import type { IntrospectionReader, Rows } from '../introspection/reader';

const quote = (name: string): string => `"${name.replaceAll('"', '""')}"`;
const literal = (value: string): string => `'${value.replaceAll("'", "''")}'`;
const text = (cell: Cell | undefined): string => (typeof cell === 'string' ? cell : '');

/** Reads one schema of PostgreSQL. Its tables carry no schema in the catalog: it is the search path. */
export const postgresReader = (rows: (sql: string) => Promise<Rows>, schema: string): IntrospectionReader => ({
  dialect: 'postgresql',
  quote,
  rows,
  sampleRows: 500_000,
  tables: async () => {
    const inSchema = `n.nspname = ${literal(schema)}`;
    const relations =
      await rows(`select c.oid::int8, c.relname::text, c.relkind::text, obj_description(c.oid, 'pg_class'), c.reltuples::int8 from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where ${inSchema} and c.relkind in ('r', 'p', 'v', 'm', 'f') and not c.relispartition order by c.relname`);
    const columns =
      await rows(`select a.attrelid::int8, a.attname::text, format_type(a.atttypid, a.atttypmod), not a.attnotnull, col_description(a.attrelid, a.attnum) from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace
      where ${inSchema} and a.attnum > 0 and not a.attisdropped order by a.attrelid, a.attnum`);
    const keys = await rows(`select k.conrelid::int8, k.contype::text, t.relname::text,
      (select json_agg(a.attname order by u.ord) from unnest(k.conkey) with ordinality u(num, ord) join pg_attribute a on a.attrelid = k.conrelid and a.attnum = u.num),
      (select json_agg(a.attname order by u.ord) from unnest(k.confkey) with ordinality u(num, ord) join pg_attribute a on a.attrelid = k.confrelid and a.attnum = u.num)
      from pg_constraint k join pg_class c on c.oid = k.conrelid join pg_namespace n on n.oid = c.relnamespace left join pg_class t on t.oid = k.confrelid where ${inSchema} and k.contype in ('p', 'f') order by k.oid`);
    const tables = new Map<Cell, CatalogTable>();
    for (const [id, name, kind, comment, estimate] of relations) {
      tables.set(id ?? null, {
        name: text(name),
        kind: kind === 'v' || kind === 'm' ? 'view' : 'table',
        columns: [],
        primaryKey: [],
        foreignKeys: [],
        // −1 before the first ANALYZE.
        ...(Number(estimate) > 0 ? { rowCount: Number(estimate) } : {}),
        ...(comment ? { comment: text(comment) } : {}),
      });
    }
    for (const [id, name, type, nullable, comment] of columns) {
      const declaredType = text(type);
      tables.get(id ?? null)?.columns.push({
        name: text(name),
        declaredType,
        type: columnType(declaredType),
        nullable: nullable === true,
        ...(comment ? { comment: text(comment) } : {}),
      });
    }
    for (const [id, kind, target, from, to] of keys) {
      const table = tables.get(id ?? null);
      if (kind === 'p' && table) table.primaryKey = from as string[];
      else table?.foreignKeys.push({ columns: from as string[], table: text(target), targetColumns: to as string[], origin: 'declared' });
    }
    return [...tables.values()];
  },
});

export const postgresVersionSql = (schema: string): string =>
  `select concat(count(*), '-', coalesce(sum(n_tup_ins + n_tup_upd + n_tup_del), 0)) from pg_stat_user_tables where schemaname = ${literal(schema)}`;
