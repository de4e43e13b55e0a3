import { errors, nearestName, type AppError } from '#platform/errors';

export interface Reading {
  /** True for paths and query strings, where everything arrives as text. */
  readonly text: boolean;
  /** Everything wrong with the request, so that a client fixes it in one go. */
  readonly problems: AppError[];
}

/** Turns a REST value into a GraphQL variable: snake_case to camelCase, enum names back, types checked. Problems are collected, not thrown. */
export type Coercer = (value: unknown, path: string, reading: Reading) => unknown;

export const invalid = (path: string, hint: string, details?: Readonly<Record<string, unknown>>): AppError =>
  errors.INVALID_REQUEST({ what: path, hint }, { field: path, ...(details ? { details } : {}) });

/** For a name that nobody knows: the nearest one that somebody does. */
export function unknownName(path: string, given: string, known: Iterable<string>): AppError {
  const names = [...known];
  const nearest = nearestName(given, names);
  const hint = nearest
    ? `there is no such name here; did you mean "${nearest}"?`
    : names.length > 0
      ? `there is no such name here; known are ${names.join(', ')}`
      : 'nothing is expected here';
  return invalid(path, hint.replace(/\?$/, ''), nearest ? { nearest } : undefined);
}
