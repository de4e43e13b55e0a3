import { readFileSync } from 'node:fs';
import path from 'node:path';

import {
  buildSchema,
  getNamedType,
  isEnumType,
  isInputObjectType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLObjectType,
} from 'graphql';

import { projectRoot } from '#platform/lifecycle';

// Sweeps walk the committed schema, so that a new field without a check cannot exist.

export const apiSchema = buildSchema(readFileSync(path.join(projectRoot, 'schema', 'api.graphql'), 'utf8'));

export type Field = GraphQLField<unknown, unknown>;
export const queries: readonly Field[] = Object.values(apiSchema.getQueryType()!.getFields());
export const mutations: readonly Field[] = Object.values(apiSchema.getMutationType()!.getFields());

/** Given for an optional field: take it along, filled with the least that its type accepts. */
export const filled = Symbol('filled');

/** The least value that a type accepts; `given` chooses by the name of the argument or input field. */
export function least(type: GraphQLInputType, given: Readonly<Record<string, unknown>> = {}): unknown {
  if (isNonNullType(type)) return least(type.ofType as GraphQLInputType, given);
  if (isListType(type)) return [least(type.ofType as GraphQLInputType, given)];
  if (isEnumType(type)) return type.getValues()[0]!.name;
  if (isInputObjectType(type)) {
    const pick = (field: { name: string; type: GraphQLInputType }): unknown => chosen(field, given);
    const wanted = Object.values(type.getFields()).filter(
      (field) => (isNonNullType(field.type) && field.defaultValue === undefined) || field.name in given,
    );
    return Object.fromEntries(wanted.map((field) => [field.name, pick(field)]));
  }
  return { Int: 1, Float: 0.5, Boolean: true, JSON: {} }[getNamedType(type).name] ?? 'x';
}

/** What `given` has for the name, where the type takes it: a text for an enum is taken only where it is one of its values. */
function chosen(
  { name, type }: { readonly name: string; readonly type: GraphQLInputType },
  given: Readonly<Record<string, unknown>>,
): unknown {
  const named = getNamedType(type);
  const fits = name in given && given[name] !== filled && !(isEnumType(named) && !named.getValue(String(given[name])));
  return fits ? given[name] : least(type, given);
}

/** One field that can be asked for without an argument, however deep. */
export function shallow(type: GraphQLObjectType): string {
  const fields = Object.values(type.getFields()).filter(({ args }) => args.length === 0);
  const leaf = fields.find((each) => isLeafType(getNamedType(each.type)));
  if (leaf) return `{ ${leaf.name} }`;
  const inner = fields.find((each) => isObjectType(getNamedType(each.type)))!;
  return `{ ${inner.name} ${shallow(getNamedType(inner.type) as GraphQLObjectType)} }`;
}

/** Every field without arguments, down to `depth` objects below. */
export function everything(type: GraphQLObjectType, depth: number): string {
  const fields = Object.values(type.getFields()).filter(({ args }) => args.length === 0);
  const inner = fields.flatMap((field) => {
    const named = getNamedType(field.type);
    if (isLeafType(named)) return [field.name];
    return isObjectType(named) && depth > 0 ? [`${field.name} ${everything(named, depth - 1)}`] : [];
  });
  return `{ __typename ${inner.join(' ')} }`;
}

/** A root field as an operation: the arguments it requires and those that `given` names, and the least selection. */
export function operationOf(
  kind: 'query' | 'mutation',
  field: Field,
  given: Readonly<Record<string, unknown>> = {},
): { readonly query: string; readonly variables: Readonly<Record<string, unknown>> } {
  const passed = field.args.filter(({ name, type }) => isNonNullType(type) || name in given);
  const head = passed.length > 0 ? `(${passed.map(({ name, type }) => `$${name}: ${String(type)}`).join(', ')})` : '';
  const body = passed.length > 0 ? `(${passed.map(({ name }) => `${name}: $${name}`).join(', ')})` : '';
  const result = getNamedType(field.type);
  return {
    query: `${kind} ${head} { ${field.name}${body} ${isObjectType(result) ? shallow(result) : ''} }`,
    variables: Object.fromEntries(passed.map((argument) => [argument.name, chosen(argument, given)])),
  };
}

export interface IdArgument {
  readonly name: string;
  readonly required: boolean;
  /** A list of ids. */
  readonly list: boolean;
  /** The input fields around it, outermost first. */
  readonly via: readonly string[];
}

/** The arguments, and fields of input arguments, that hold an id. */
export function idsOf(field: Field): readonly IdArgument[] {
  const found = new Map<string, IdArgument>();
  const visit = ({ name, type }: { name: string; type: GraphQLInputType }, required: boolean, via: readonly string[]): void => {
    const named = getNamedType(type);
    const isRequired = required && isNonNullType(type);
    if (isInputObjectType(named)) for (const each of Object.values(named.getFields())) visit(each, isRequired, [...via, name]);
    else if (named.name === 'ID') found.set(name, { name, required: isRequired, list: String(type).includes('['), via });
  };
  for (const argument of field.args) visit(argument, true, []);
  return [...found.values()];
}
