import {
  DuckDBBlobValue,
  DuckDBTypeId,
  JsonDuckDBValueConverter,
  type DuckDBType,
  type DuckDBValue,
  type DuckDBValueConverter,
  type Json,
} from '@duckdb/node-api';

import type { ColumnType } from '../engine/catalog';

const integers = new Set([
  DuckDBTypeId.TINYINT,
  DuckDBTypeId.SMALLINT,
  DuckDBTypeId.INTEGER,
  DuckDBTypeId.BIGINT,
  DuckDBTypeId.UTINYINT,
  DuckDBTypeId.USMALLINT,
  DuckDBTypeId.UINTEGER,
  DuckDBTypeId.UBIGINT,
  DuckDBTypeId.HUGEINT,
  DuckDBTypeId.UHUGEINT,
  DuckDBTypeId.BIGNUM,
]);

const kinds: Partial<Record<DuckDBTypeId, ColumnType>> = {
  [DuckDBTypeId.BOOLEAN]: 'boolean',
  [DuckDBTypeId.FLOAT]: 'number',
  [DuckDBTypeId.DOUBLE]: 'number',
  [DuckDBTypeId.DECIMAL]: 'number',
  [DuckDBTypeId.DATE]: 'date',
  [DuckDBTypeId.TIMESTAMP]: 'timestamp',
  [DuckDBTypeId.TIMESTAMP_S]: 'timestamp',
  [DuckDBTypeId.TIMESTAMP_MS]: 'timestamp',
  [DuckDBTypeId.TIMESTAMP_NS]: 'timestamp',
  [DuckDBTypeId.TIMESTAMP_TZ]: 'timestamp',
  [DuckDBTypeId.TIME]: 'time',
  [DuckDBTypeId.TIME_TZ]: 'time',
  [DuckDBTypeId.TIME_NS]: 'time',
  [DuckDBTypeId.BLOB]: 'binary',
  [DuckDBTypeId.LIST]: 'json',
  [DuckDBTypeId.ARRAY]: 'json',
  [DuckDBTypeId.STRUCT]: 'json',
  [DuckDBTypeId.MAP]: 'json',
  [DuckDBTypeId.UNION]: 'json',
  [DuckDBTypeId.VARIANT]: 'json',
};

export const duckdbKind = (type: DuckDBType): ColumnType => (integers.has(type.typeId) ? 'integer' : (kinds[type.typeId] ?? 'text'));

const maxExactDecimalDigits = 15;

const decimal = (text: string): string | number => (text.replace(/\D/g, '').length <= maxExactDecimalDigits ? Number(text) : text);

const integer = (value: bigint | number): string | number => {
  const asNumber = Number(value);
  return Number.isSafeInteger(asNumber) ? asNumber : String(value);
};

/** `2024-01-02 03:04:05.678+00` → `2024-01-02T03:04:05.678Z`: the session's time zone is UTC. */
const isoTimestamp = (text: string): string => text.replace(' ', 'T').replace(/\+00(:00)?$/, 'Z');

/** DuckDB's values as JSON carries them; nested types come back here for their elements. */
export const cellConverter: DuckDBValueConverter<Json> = (value: DuckDBValue, type: DuckDBType, nested) => {
  if (value === null) return null;
  if (integers.has(type.typeId)) return integer(value as bigint | number);
  if (type.typeId === DuckDBTypeId.DECIMAL) return decimal(String(value));
  if (type.typeId === DuckDBTypeId.FLOAT || type.typeId === DuckDBTypeId.DOUBLE) return Number.isFinite(value) ? (value as number) : null;
  if (type.typeId === DuckDBTypeId.INTERVAL) return String(value);
  if (value instanceof DuckDBBlobValue) return Buffer.from(value.bytes).toString('base64');
  const kind = kinds[type.typeId];
  if (kind === 'timestamp') return isoTimestamp(String(value));
  return JsonDuckDBValueConverter(value, type, nested) as Json;
};
