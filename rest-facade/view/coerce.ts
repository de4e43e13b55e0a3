import {
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  type GraphQLEnumType,
  type GraphQLInputObjectType,
  type GraphQLInputType,
  type GraphQLScalarType,
} from 'graphql';

import { nearestName } from '#platform/errors';

import { toRestEnum, toSnake } from '../names';
import { scalarCoercer } from './coerce-scalar';
import { invalid, unknownName, type Coercer } from './problems';

/** Compiled once per type; recursive input types refer to themselves through the cache. */
export function createCoercers(): (type: GraphQLInputType) => Coercer {
  const cache = new Map<GraphQLInputObjectType, Coercer>();

  const compile = (type: GraphQLInputType): Coercer => {
    if (isNonNullType(type)) return notNull(compile(type.ofType as GraphQLInputType));
    const inner = isListType(type)
      ? list(compile(type.ofType))
      : isInputObjectType(type)
        ? object(type)
        : isEnumType(type)
          ? enumeration(type)
          : scalarCoercer(type as GraphQLScalarType);
    return (value, path, reading) => (value === null ? null : inner(value, path, reading));
  };

  const object = (type: GraphQLInputObjectType): Coercer => {
    const known = cache.get(type);
    if (known) return known;
    let compiled: Coercer | undefined;
    const lazy: Coercer = (value, path, reading) => (compiled ??= objectCoercer(type, compile))(value, path, reading);
    cache.set(type, lazy);
    return lazy;
  };

  return compile;
}

const notNull =
  (inner: Coercer): Coercer =>
  (value, path, reading) => {
    if (value !== null) return inner(value, path, reading);
    reading.problems.push(invalid(path, 'it must not be null'));
    return undefined;
  };

/** As in GraphQL, a single value stands for a list of one. */
const list =
  (item: Coercer): Coercer =>
  (value, path, reading) => {
    const given = reading.text && typeof value === 'string' && value.startsWith('[') ? parseText(value) : value;
    return Array.isArray(given) ? given.map((entry, index) => item(entry, `${path}[${index}]`, reading)) : [item(given, path, reading)];
  };

function enumeration(type: GraphQLEnumType): Coercer {
  const byName = new Map<string, string>();
  for (const { name } of type.getValues()) byName.set(toRestEnum(name), name).set(name, name);
  const shown = type.getValues().map(({ name }) => toRestEnum(name));
  return (value, path, reading) => {
    const found = typeof value === 'string' ? byName.get(value) : undefined;
    if (found !== undefined) return found;
    const nearest = typeof value === 'string' ? nearestName(value, shown) : undefined;
    const hint = `${nearest ? `did you mean "${nearest}"? ` : ''}it must be one of ${shown.join(', ')}`;
    reading.problems.push(invalid(path, hint, { allowed: shown }));
    return undefined;
  };
}

function objectCoercer(type: GraphQLInputObjectType, compile: (type: GraphQLInputType) => Coercer): Coercer {
  const fields = Object.values(type.getFields()).map((field) => ({
    key: toSnake(field.name),
    name: field.name,
    required: isNonNullType(field.type) && field.defaultValue === undefined,
    coerce: compile(field.type),
  }));
  const keys = new Set(fields.map(({ key }) => key));
  return (value, path, reading) => {
    const given = reading.text && typeof value === 'string' ? parseText(value) : value;
    if (typeof given !== 'object' || given === null || Array.isArray(given)) {
      reading.problems.push(invalid(path, `it must be an object with ${[...keys].join(', ')}`));
      return undefined;
    }
    const source = given as Record<string, unknown>;
    for (const key of Object.keys(source)) if (!keys.has(key)) reading.problems.push(unknownName(`${path}.${key}`, key, keys));
    const result: Record<string, unknown> = {};
    for (const { key, name, required, coerce } of fields) {
      if (Object.hasOwn(source, key) && source[key] !== undefined) result[name] = coerce(source[key], `${path}.${key}`, reading);
      else if (required) reading.problems.push(invalid(`${path}.${key}`, 'it is required'));
    }
    return result;
  };
}

function parseText(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
