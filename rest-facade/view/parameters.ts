import {
  getNamedType,
  isInputObjectType,
  isNonNullType,
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputField,
  type GraphQLInputType,
} from 'graphql';

import { toSnake } from '../names';
import type { RouteSpec } from '../routes/route-spec';
import { isConnection } from './selection';

/** One value that a REST client gives, and where it goes in the operation's variables. */
export interface Parameter {
  readonly key: string;
  readonly in: 'path' | 'query' | 'body';
  /** `['input', 'question']` or `['id']`. */
  readonly target: readonly [string] | readonly [string, string];
  readonly type: GraphQLInputType;
  readonly required: boolean;
  /** True where the operation can do without the whole `input`: it is then sent only if one of its fields is. */
  readonly isInOptionalInput: boolean;
  readonly defaultValue?: unknown;
  readonly description?: string;
  readonly deprecationReason?: string;
  /** Paging has bounds of its own, checked at the door. */
  readonly paging?: 'limit' | 'offset' | 'cursor';
}

const pageNames: Readonly<Record<string, Parameter['paging']>> = { first: 'limit', offset: 'offset', after: 'cursor' };
const backwards = new Set(['last', 'before']);

export const hasBody = (method: RouteSpec['method']): boolean => method === 'POST' || method === 'PUT' || method === 'PATCH';

/** A lone `input` argument is flattened: its fields stand in the body (or the query of a GET or DELETE) themselves. */
export function readParameters(spec: RouteSpec, field: GraphQLField<unknown, unknown>): readonly Parameter[] {
  const inPath = new Set([...spec.path.matchAll(/:(\w+)/g)].map((match) => match[1]!));
  const elsewhere = hasBody(spec.method) ? 'body' : 'query';
  const paged = isConnection(getNamedType(field.type));

  const toParameter = (source: GraphQLArgument | GraphQLInputField, target: Parameter['target'], isInOptionalInput = false): Parameter => {
    const paging = paged ? pageNames[source.name] : undefined;
    const name = toSnake(source.name);
    const key = paging ?? [...inPath].find((parameter) => (spec.aliases[parameter] ?? parameter) === name) ?? name;
    return {
      key,
      in: inPath.has(key) ? 'path' : elsewhere,
      target,
      type: source.type,
      required: inPath.has(key) || (!isInOptionalInput && isNonNullType(source.type) && source.defaultValue === undefined),
      isInOptionalInput,
      ...(source.defaultValue === undefined ? {} : { defaultValue: source.defaultValue as unknown }),
      ...(source.description ? { description: source.description } : {}),
      ...(source.deprecationReason == null ? {} : { deprecationReason: source.deprecationReason }),
      ...(paging ? { paging } : {}),
    };
  };

  const parameters = field.args.flatMap((argument) => {
    const type = getNamedType(argument.type);
    if (paged && backwards.has(argument.name)) return [];
    if (argument.name !== 'input' || !isInputObjectType(type)) return [toParameter(argument, [argument.name])];
    return Object.values(type.getFields()).map((inner) => toParameter(inner, ['input', inner.name], !isNonNullType(argument.type)));
  });
  check(spec, parameters, inPath);
  return parameters;
}

function check(spec: RouteSpec, parameters: readonly Parameter[], inPath: ReadonlySet<string>): void {
  const keys = parameters.map(({ key }) => key);
  const missing = [...inPath].find((name) => !keys.includes(name));
  if (missing)
    throw new Error(`@rest on ${spec.field}: the path names :${missing}, but the field takes only ${keys.join(', ') || 'nothing'}.`);
  const twin = keys.find((key, index) => keys.indexOf(key) !== index);
  if (twin) throw new Error(`@rest on ${spec.field}: two arguments become ${twin} in snake_case.`);
}
