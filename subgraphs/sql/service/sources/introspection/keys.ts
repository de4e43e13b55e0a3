import type { CatalogColumn, CatalogTable } from '../../engine/catalog';
import { tableName, type IntrospectionReader } from './reader';

const checkedPairs = 60;
const probeValues = 2_000;
const leastShare = 0.95;

const words = (name: string): string =>
  name
    .replace(/([a-z\d])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .replace(/[^a-z\d]+/g, '_');

const singular = (name: string): string =>
  name
    .replace(/ies$/, 'y')
    .replace(/(ss|sh|ch|x|z)es$/, '$1')
    .replace(/([^s])s$/, '$1');

const isKeyLike = (column: CatalogColumn): boolean => column.type === 'integer' || column.type === 'text';

/** A key where none is declared: a column that is never null, never repeated, and named or placed like one. */
export function inferPrimaryKey(table: CatalogTable): void {
  const { rowCount } = table;
  if (table.primaryKey.length > 0 || table.kind === 'view' || rowCount === undefined || rowCount < 2) return;
  const unique = table.columns.filter((column) => isKeyLike(column) && column.nullCount === 0 && column.distinctCount === rowCount);
  const named = unique.find(({ name }) =>
    [`${words(singular(table.name))}_id`, `${words(table.name)}_id`, 'id', 'uuid', 'key'].includes(words(name)),
  );
  // `pid` of publications, `paperid` of papers; a `course_id` of areas is unique by accident, and so are the halves of a pure link table.
  const own = unique.find(({ name }) => isOwnId(name, table.name));
  const onlyLinks = table.columns.length >= 2 && table.columns.every(({ name }) => idStem(name) !== undefined);
  const first = unique.find((column) => column === table.columns[0] && !idStem(column.name));
  const found = named ?? (onlyLinks ? undefined : (own ?? first));
  if (found) table.primaryKey = [found.name];
}

/** `course` of `course_id`, `p` of `pid`; undefined where the name is no identifier's. */
const idStem = (name: string): string | undefined => /^(.*?)_?(?:id|key|code)$/.exec(words(name))?.[1];

const isOwnId = (name: string, table: string): boolean => {
  const stem = idStem(name);
  return stem !== undefined && stem !== '' && words(table).startsWith(stem);
};

interface Candidate {
  readonly table: CatalogTable;
  readonly column: CatalogColumn;
  readonly target: CatalogTable;
  readonly key: CatalogColumn;
}

/** Joins that nobody declared: a column named after another table's key, or text whose every value is one of another table's keys. */
export async function inferForeignKeys(reader: IntrospectionReader, tables: readonly CatalogTable[]): Promise<void> {
  const targets = tables.flatMap((target) => {
    const key = target.primaryKey.length === 1 ? target.columns.find(({ name }) => name === target.primaryKey[0]) : undefined;
    return key ? [{ target, key }] : [];
  });
  let checked = 0;
  for (const table of tables) {
    for (const column of table.columns) {
      if (table.foreignKeys.some(({ columns }) => columns.includes(column.name)) || !isKeyLike(column)) continue;
      if (table.primaryKey.length === 1 && table.primaryKey[0] === column.name) continue;
      const candidate = targets
        .map((to) => ({ table, column, ...to }))
        .find((pair) => pair.target !== table && (isNamedAfter(pair) || isContained(pair)));
      if (!candidate || checked >= checkedPairs) continue;
      checked += 1;
      if (await holds(reader, candidate)) {
        table.foreignKeys.push({
          columns: [column.name],
          table: candidate.target.name,
          targetColumns: [candidate.key.name],
          origin: 'inferred',
        });
      }
    }
  }
}

function isNamedAfter({ column, target, key }: Candidate): boolean {
  if (column.type !== key.type) return false;
  const name = words(column.name);
  const keyName = words(key.name);
  const owner = words(singular(target.name));
  if (name === keyName && keyName !== 'id' && keyName !== 'name') return true;
  return (
    name === `${owner}_${keyName}` ||
    name === `${owner}_id` ||
    name === owner ||
    name.endsWith(`_${owner}_${keyName}`) ||
    name.endsWith(`_${owner}_id`)
  );
}

/** Only text: small whole numbers are found among any table's keys. */
function isContained({ column, key }: Candidate): boolean {
  if (column.type !== 'text' || key.type !== 'text' || !column.valuesComplete || !column.values || column.values.length < 5 || !key.values)
    return false;
  const known = new Set(key.values);
  return column.values.every((value) => known.has(value));
}

async function holds(reader: IntrospectionReader, { table, column, target, key }: Candidate): Promise<boolean> {
  const name = reader.quote(column.name);
  const probe = `(SELECT DISTINCT ${name} AS v FROM ${tableName(reader, table)} WHERE ${name} IS NOT NULL LIMIT ${probeValues}) p`;
  const keys = `(SELECT ${reader.quote(key.name)} FROM ${tableName(reader, target)})`;
  const [row] = await reader.rows(`SELECT COUNT(*), SUM(CASE WHEN p.v IN ${keys} THEN 1 ELSE 0 END) FROM ${probe}`);
  const [all, found] = [Number(row?.[0] ?? 0), Number(row?.[1] ?? 0)];
  return all > 0 && found / all >= leastShare;
}
