import type { ColumnType } from '../../engine/catalog';
import type { Cell, QueryColumn } from '../../sandbox';

// Object ids of PostgreSQL's built-in types: fixed by its catalog (pg_type.dat).
const types: Readonly<Record<number, readonly [string, ColumnType]>> = {
  16: ['boolean', 'boolean'],
  17: ['bytea', 'binary'],
  18: ['char', 'text'],
  19: ['name', 'text'],
  20: ['bigint', 'integer'],
  21: ['smallint', 'integer'],
  23: ['integer', 'integer'],
  25: ['text', 'text'],
  26: ['oid', 'integer'],
  114: ['json', 'json'],
  700: ['real', 'number'],
  701: ['double precision', 'number'],
  1042: ['character', 'text'],
  1043: ['character varying', 'text'],
  1082: ['date', 'date'],
  1083: ['time', 'time'],
  1114: ['timestamp', 'timestamp'],
  1184: ['timestamp with time zone', 'timestamp'],
  1186: ['interval', 'text'],
  1266: ['time with time zone', 'time'],
  1700: ['numeric', 'number'],
  2950: ['uuid', 'text'],
  3802: ['jsonb', 'json'],
};

export const postgresColumn = ({ name, dataTypeID }: { readonly name: string; readonly dataTypeID: number }): QueryColumn => {
  const [type, kind] = types[dataTypeID] ?? [`type ${dataTypeID}`, 'other' as const];
  return { name, type, kind };
};

const maxExactDigits = 15;

/** A value from PostgreSQL's text form, which is the same for every version and setting that this service uses. */
export function postgresCell(text: string | null, { kind, type }: QueryColumn): Cell {
  if (text === null) return null;
  switch (kind) {
    case 'integer':
      return Number.isSafeInteger(Number(text)) ? Number(text) : text;
    case 'number':
      if (!Number.isFinite(Number(text))) return null;
      return type === 'numeric' && text.replace(/\D/g, '').length > maxExactDigits ? text : Number(text);
    case 'boolean':
      return text === 't';
    case 'timestamp':
      return text.replace(' ', 'T').replace(/\+00$/, 'Z');
    case 'json':
      return JSON.parse(text) as Cell;
    case 'binary':
      return Buffer.from(text.slice(2), 'hex').toString('base64');
    default:
      return text;
  }
}
