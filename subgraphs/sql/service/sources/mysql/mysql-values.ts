import type { ColumnType } from '../../engine/catalog';
import type { Cell, QueryColumn } from '../../sandbox';

export interface MysqlField {
  readonly name: string;
  readonly columnType?: number;
  readonly type?: number;
  readonly characterSet?: number;
  readonly columnLength?: number;
}

// Type codes of the protocol (MySQL's enum_field_types).
const types: Readonly<Record<number, readonly [string, ColumnType]>> = {
  0: ['decimal', 'number'],
  1: ['tinyint', 'integer'],
  2: ['smallint', 'integer'],
  3: ['int', 'integer'],
  4: ['float', 'number'],
  5: ['double', 'number'],
  7: ['timestamp', 'timestamp'],
  8: ['bigint', 'integer'],
  9: ['mediumint', 'integer'],
  10: ['date', 'date'],
  11: ['time', 'time'],
  12: ['datetime', 'timestamp'],
  13: ['year', 'integer'],
  15: ['varchar', 'text'],
  16: ['bit', 'binary'],
  245: ['json', 'json'],
  246: ['decimal', 'number'],
  247: ['enum', 'text'],
  248: ['set', 'text'],
  249: ['tinytext', 'text'],
  250: ['mediumtext', 'text'],
  251: ['longtext', 'text'],
  252: ['text', 'text'],
  253: ['varchar', 'text'],
  254: ['char', 'text'],
};

const binaryCharacterSet = 63;

export const mysqlColumn = ({ name, columnType, type: code, characterSet }: MysqlField): QueryColumn => {
  const [type, kind] = types[columnType ?? code ?? -1] ?? ['unknown', 'other' as const];
  return { name, type, kind: kind === 'text' && characterSet === binaryCharacterSet ? 'binary' : kind };
};

const maxExactDigits = 15;

export function mysqlCell(value: unknown, column: QueryColumn | undefined): Cell {
  if (value === null || value === undefined) return null;
  if (Buffer.isBuffer(value)) return value.toString('base64');
  if (typeof value === 'object') return value as Cell;
  if (typeof value === 'boolean' || typeof value === 'number') return value;
  const text = String(value);
  if (column?.kind === 'integer') return Number.isSafeInteger(Number(text)) ? Number(text) : text;
  if (column?.kind === 'number') return text.replace(/\D/g, '').length > maxExactDigits ? text : Number(text);
  if (column?.kind === 'timestamp') return text.replace(' ', 'T');
  return text;
}
