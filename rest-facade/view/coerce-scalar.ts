import type { GraphQLScalarType } from 'graphql';

import { invalid, type Coercer } from './problems';

/** JSON deeper than this is an attack on recursive readers, not a request. */
const maximumNesting = 100;
const int32 = { minimum: -(2 ** 31), maximum: 2 ** 31 - 1 };

type Read = (value: unknown, text: boolean) => unknown;

const refused = Symbol('refused');

const number =
  (accepts: (value: number) => boolean): Read =>
  (value, text) => {
    const read = text && typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
    return typeof read === 'number' && Number.isFinite(read) && accepts(read) ? read : refused;
  };

const boolean: Read = (value, text) => {
  if (typeof value === 'boolean') return value;
  if (!text) return refused;
  return value === 'true' || value === '1' ? true : value === 'false' || value === '0' ? false : refused;
};

const isDate = (value: unknown): value is string =>
  typeof value === 'string' && /^\d{4}-\d\d-\d\d/.test(value) && !Number.isNaN(Date.parse(value));

const isShallow = (value: unknown, left = maximumNesting): boolean => {
  if (typeof value !== 'object' || value === null) return true;
  return left > 0 && Object.values(value).every((inner) => isShallow(inner, left - 1));
};

const json: Read = (value, text) => {
  const read = text && typeof value === 'string' && /^[[{]/.test(value) ? tryParse(value) : value;
  return isShallow(read) ? read : refused;
};

const tryParse = (text: string): unknown => {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
};

const readers: Readonly<Record<string, { readonly read: Read; readonly expects: string }>> = {
  Int: { read: number((value) => Number.isInteger(value) && value >= int32.minimum && value <= int32.maximum), expects: 'a whole number' },
  Float: { read: number(() => true), expects: 'a number' },
  String: { read: (value) => (typeof value === 'string' ? value : refused), expects: 'a string' },
  Boolean: { read: boolean, expects: 'true or false' },
  ID: {
    read: (value) => (typeof value === 'string' && value !== '' ? value : Number.isInteger(value) ? String(value) : refused),
    expects: 'an id',
  },
  DateTime: { read: (value) => (isDate(value) ? dateTime(value) : refused), expects: 'a date and time such as 2026-01-31T09:30:00Z' },
  BigInt: {
    read: (value) => (Number.isInteger(value) || (typeof value === 'string' && /^-?\d+$/.test(value)) ? value : refused),
    expects: 'a whole number, or its digits as a string',
  },
  JSON: { read: json, expects: `JSON at most ${maximumNesting} levels deep` },
};

/** A day alone means its beginning in UTC; GraphQL's DateTime wants a time. */
const dateTime = (value: string): string => (value.length === 10 ? `${value}T00:00:00Z` : value);

/** Scalars that are not listed are checked by the graph itself. */
export function scalarCoercer(type: GraphQLScalarType): Coercer {
  const reader = readers[type.name];
  if (!reader) return (value) => value;
  return (value, path, { text, problems }) => {
    const result = reader.read(value, text);
    if (result !== refused) return result;
    problems.push(invalid(path, `it must be ${reader.expects}, not ${describe(value)}`));
    return undefined;
  };
}

const describe = (value: unknown): string => {
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object' && value !== null) return 'an object';
  const shown = JSON.stringify(value) ?? String(value);
  return shown.length > 40 ? `${shown.slice(0, 40)}…` : shown;
};
