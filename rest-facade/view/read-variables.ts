import type { AppError } from '#platform/errors';
import { defaultPageSize, maxPageSize } from '#platform/graphql';

import { createCoercers } from './coerce';
import type { Parameter } from './parameters';
import { invalid, unknownName, type Coercer, type Reading } from './problems';

/** What a request brings, before it is checked. */
export interface Given {
  readonly path: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, unknown>>;
  readonly body: Readonly<Record<string, unknown>>;
  /** True where the body is a form. @default false */
  readonly isBodyText?: boolean;
}

export interface VariablesRead {
  readonly variables: Record<string, unknown>;
  readonly problems: readonly AppError[];
  /** Deprecated parameters that were used. */
  readonly deprecated: readonly Parameter[];
}

/** Clients of the first service send these with every request; the token decides, so they are checked elsewhere and dropped here. */
export const identityKeys = ['tenant_id', 'user_id'] as const;

const places = ['query', 'body'] as const;

const isIdentity = (key: string): boolean => (identityKeys as readonly string[]).includes(key);

/** Compiles the reading of one route's parameters. */
export function compileReader(parameters: readonly Parameter[]): (given: Given) => VariablesRead {
  const coercerOf = createCoercers();
  const compiled = parameters.map((parameter) => ({
    ...parameter,
    path: `${parameter.in}.${parameter.key}`,
    coerce: withBounds(parameter, coercerOf(parameter.type)),
  }));
  const known = { query: keysOf(parameters, 'query'), body: keysOf(parameters, 'body') };
  const fixed = new Set(parameters.filter((parameter) => parameter.in === 'path').map(({ key }) => key));
  const takesInput = parameters.some(({ target, isInOptionalInput }) => target.length === 2 && !isInOptionalInput);

  return (given) => {
    const problems: AppError[] = [];
    const deprecated: Parameter[] = [];
    for (const place of places) {
      const values = given[place];
      for (const key of Object.keys(values)) {
        if (known[place].has(key) || isIdentity(key)) continue;
        if (!fixed.has(key)) problems.push(unknownName(`${place}.${key}`, key, known[place]));
        else if (String(values[key]) !== given.path[key]) problems.push(invalid(`${place}.${key}`, 'it differs from the one in the path'));
      }
    }
    const inAddress: Reading = { text: true, problems };
    const inBody: Reading = { text: given.isBodyText === true, problems };
    const variables: Record<string, unknown> = takesInput ? { input: {} } : {};
    for (const parameter of compiled) {
      const { key, path, target, required } = parameter;
      const source = given[parameter.in];
      if (!Object.hasOwn(source, key) || source[key] === undefined) {
        if (required) problems.push(invalid(path, 'it is required'));
        else if (parameter.paging === 'limit') variables[target[0]] = defaultPageSize;
        continue;
      }
      const value = parameter.coerce(source[key], path, parameter.in === 'body' ? inBody : inAddress);
      if (parameter.deprecationReason !== undefined) deprecated.push(parameter);
      if (target.length === 1) variables[target[0]] = value;
      else ((variables[target[0]] ??= {}) as Record<string, unknown>)[target[1]] = value;
    }
    return { variables, problems, deprecated };
  };
}

const keysOf = (parameters: readonly Parameter[], place: Parameter['in']): ReadonlySet<string> =>
  new Set(parameters.filter((parameter) => parameter.in === place).map(({ key }) => key));

function withBounds({ paging }: Parameter, coerce: Coercer): Coercer {
  if (paging !== 'limit' && paging !== 'offset') return coerce;
  const [minimum, maximum] = paging === 'limit' ? [1, maxPageSize] : [0, 2 ** 31 - 1];
  return (value, path, reading) => {
    const read = coerce(value, path, reading);
    if (typeof read !== 'number' || (read >= minimum && read <= maximum)) return read;
    const hint = paging === 'limit' ? `ask for ${minimum} to ${maximum} items` : 'it must be 0 or more';
    reading.problems.push(invalid(path, hint, { limit: paging === 'limit' ? 'page_size' : 'offset', value: read, minimum, maximum }));
    return undefined;
  };
}
