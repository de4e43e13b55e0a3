import { sql, type RawBuilder } from 'kysely';

export type WireParameter = string | Buffer | null;

const quoted = (text: string): string => `"${text.replace(/\\/g, '\\\\').replace(/"/g, '\\"')}"`;

// Array input syntax, PostgreSQL manual §8.15.6.
const arrayLiteral = (items: readonly unknown[]): string => {
  const elements = items.map((item) => {
    if (item === null || item === undefined) return 'NULL';
    if (Array.isArray(item)) return arrayLiteral(item);
    if (item instanceof Uint8Array) return quoted(`\\x${Buffer.from(item).toString('hex')}`);
    return quoted(String(toParameter(item)));
  });
  return `{${elements.join(',')}}`;
};

/** A value as both drivers send it: text that the server reads as the parameter's type. An array becomes a PostgreSQL array. */
export function toParameter(value: unknown): WireParameter {
  if (value === null || value === undefined) return null;
  if (typeof value === 'string') return value;
  if (value instanceof Uint8Array) return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) return arrayLiteral(value);
  if (typeof value === 'object') return JSON.stringify(value);
  return String(value);
}

/** A `jsonb` parameter: `values({ payload: json(payload) })`. Needed because a bare string or array would be read as text or array. */
export const json = <Value>(value: Value): RawBuilder<Value> => sql<Value>`cast(${JSON.stringify(value ?? null)} as jsonb)`;
