import type { ColumnType } from '../../engine/catalog';

// First match wins; wrappers such as Nullable(…) and LowCardinality(…) are taken off before.
const patterns: readonly (readonly [RegExp, ColumnType])[] = [
  [/\[\]$|^(array|list|struct|map|row|tuple|nested|json|jsonb|object|variant|union|super)\b/, 'json'],
  [/^(bool|boolean|bit\(1\))/, 'boolean'],
  [/^(timestamp|datetime|smalldatetime)/, 'timestamp'],
  [/^date/, 'date'],
  [/^time/, 'time'],
  [
    /^(u?int\d*|tinyint|smallint|mediumint|bigint|integer|hugeint|uhugeint|utinyint|usmallint|uinteger|ubigint|serial|bigserial|int\b|int2|int4|int8|year)/,
    'integer',
  ],
  [/^(decimal|numeric|number|real|float|double|money|dec|fixed)/, 'number'],
  [/^(blob|bytea|binary|varbinary|tinyblob|mediumblob|longblob|bytes)/, 'binary'],
  [
    /^(char|varchar|character|text|string|fixedstring|nchar|nvarchar|clob|bpchar|tinytext|mediumtext|longtext|enum|set|uuid|citext|name|inet|cidr)/,
    'text',
  ],
];

const wrapper = /^(?:nullable|lowcardinality|simpleaggregatefunction)\((.*)\)$/;

/** What a declared type holds, whatever the engine calls it. */
export function columnType(declared: string): ColumnType {
  let text = declared.trim().toLowerCase();
  for (let inner = wrapper.exec(text); inner; inner = wrapper.exec(text)) text = inner[1]!;
  return patterns.find(([pattern]) => pattern.test(text))?.[1] ?? 'other';
}

/** SQLite's rules for a type name that means nothing to it: "INT" anywhere is an integer, then text, then blob, then a number. */
export function sqliteColumnType(declared: string): ColumnType {
  const known = columnType(declared);
  if (known !== 'other') return known;
  const text = declared.toUpperCase();
  if (text.includes('INT')) return 'integer';
  if (/CHAR|CLOB|TEXT/.test(text)) return 'text';
  if (text.includes('BLOB')) return 'binary';
  if (/REAL|FLOA|DOUB|NUM|DEC/.test(text)) return 'number';
  return 'other';
}
