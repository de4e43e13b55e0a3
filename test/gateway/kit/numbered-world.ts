import { buildSubgraphSchema } from '@apollo/subgraph';
import {
  getNamedType,
  getNullableType,
  isAbstractType,
  isCompositeType,
  isEnumType,
  isListType,
  isNonNullType,
  isObjectType,
  Kind,
  parse,
  type ConstDirectiveNode,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
} from 'graphql';

import { header } from './compose';

/** An object is a number. What it holds follows from the number and the field alone, in every subgraph and in the merged schema. */
interface Numbered {
  readonly n: number;
  readonly __typename?: string;
  /** What came with a representation. */
  readonly given?: Readonly<Record<string, unknown>>;
}

/** What has to be known of all subgraphs to resolve in one of them. */
export interface Numbering {
  /** Members of an abstract type that each subgraph has: what one resolves, all could. */
  members(abstract: string): readonly string[];
  /** Composite fields that are part of a key, as `Type.field`: they keep their owner's number. */
  readonly keyed: ReadonlySet<string>;
}

const objects = 6;
const mix = (text: string): number => {
  let hash = 7;
  for (let index = 0; index < text.length; index += 1) hash = (Math.imul(hash, 31) + text.charCodeAt(index)) | 0;
  return Math.abs(hash);
};

const fieldSetOf = (directives: readonly ConstDirectiveNode[] | undefined, name: string): string[] =>
  (directives ?? []).flatMap((directive) => {
    const value =
      directive.name.value === name ? directive.arguments?.find((argument) => argument.name.value === 'fields')?.value : undefined;
    return value?.kind === Kind.STRING ? [value.value] : [];
  });
const namesIn = (fieldSet: string): string[] => fieldSet.replace(/\([^)]*\)/g, '').match(/[_A-Za-z]\w*/g) ?? [];
const outerNamesIn = (fieldSet: string): string[] => namesIn(fieldSet.replace(/\{[^]*\}/g, ''));

export function numberingOf(schemas: readonly GraphQLSchema[]): Numbering {
  const keyed = new Set<string>();
  for (const schema of schemas)
    for (const type of Object.values(schema.getTypeMap()))
      for (const node of [type.astNode, ...type.extensionASTNodes])
        for (const key of fieldSetOf(node?.directives, 'key')) for (const name of namesIn(key)) keyed.add(`${type.name}.${name}`);
  const members = (abstract: string): readonly string[] => {
    const sets = schemas.flatMap((schema) => {
      const type = schema.getType(abstract);
      return isAbstractType(type) ? [schema.getPossibleTypes(type).map(({ name }) => name)] : [];
    });
    return (sets[0] ?? []).filter((name) => sets.every((set) => set.includes(name))).sort();
  };
  return { members, keyed };
}

function leafOf(type: GraphQLOutputType, field: string, n: number): unknown {
  const named = getNamedType(type);
  if (isEnumType(named)) return named.getValues()[n % named.getValues().length]!.value;
  const byType: Readonly<Record<string, unknown>> = { Int: n, Float: n + 0.5, Boolean: n % 2 === 0 };
  return byType[named.name] ?? `${field}#${n}`;
}

interface Place {
  readonly coordinate: string;
  readonly field: string;
  readonly n: number;
}

function valueOf(type: GraphQLOutputType, at: Place, { members }: Numbering): unknown {
  const bare = getNullableType(type);
  const seed = mix(`${at.coordinate} of ${at.n}`);
  if (!isListType(bare) && !isCompositeType(bare)) return leafOf(type, at.field, at.n);
  if (!isNonNullType(type) && seed % 7 === 0) return null;
  if (isListType(bare))
    return Array.from({ length: seed % 4 }, (_, index) =>
      valueOf(bare.ofType, { ...at, coordinate: `${at.coordinate}.${index}` }, { members } as Numbering),
    );
  const n = seed % objects;
  if (!isAbstractType(bare)) return { n };
  return { n, __typename: members(bare.name)[n % members(bare.name).length] };
}

/** The number is in every leaf of a key. */
function numberIn(value: unknown): number {
  if (typeof value === 'number') return Math.floor(value);
  if (typeof value === 'string') return Number(/#(\d+)$/.exec(value)?.[1] ?? NaN);
  if (typeof value !== 'object' || value === null) return NaN;
  return (
    Object.values(value)
      .map(numberIn)
      .find((found) => !Number.isNaN(found)) ?? NaN
  );
}

function resolverOf(
  type: GraphQLObjectType,
  field: GraphQLField<unknown, unknown>,
  numbering: Numbering,
): GraphQLField<Numbered, unknown>['resolve'] {
  const required = fieldSetOf(field.astNode?.directives, 'requires').flatMap(outerNamesIn);
  const keepsNumber = numbering.keyed.has(`${type.name}.${field.name}`) && isObjectType(getNullableType(field.type));
  return (parent, args) => {
    const missing = required.filter((name) => parent?.given?.[name] === undefined);
    if (missing.length > 0) throw new Error(`${type.name}.${field.name} was asked without ${missing.join(' and ')}`);
    const n = parent?.n ?? 1;
    if (keepsNumber) return { n };
    return valueOf(field.type, { coordinate: `${field.name}(${JSON.stringify(args)})`, field: field.name, n }, numbering);
  };
}

/** Gives every field a resolver that goes by numbers. */
export function resolveByNumber(schema: GraphQLSchema, numbering: Numbering): GraphQLSchema {
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) || type.name.startsWith('_')) continue;
    for (const field of Object.values(type.getFields()))
      if (!field.name.startsWith('_')) field.resolve = resolverOf(type, field, numbering) as never;
  }
  return schema;
}

/** A subgraph whose entities are found by the numbers in their keys. `numberingOf` may be asked of it before it is used. */
export function numberedSubgraph(typeDefs: string, numbering: () => Numbering): GraphQLSchema {
  const document = parse(header + typeDefs);
  const plain = buildSubgraphSchema([{ typeDefs: document, resolvers: {} }]);
  const keysOf = (name: string): string[] => {
    const type = plain.getType(name);
    return [type?.astNode, ...(type?.extensionASTNodes ?? [])].flatMap((node) => fieldSetOf(node?.directives, 'key').flatMap(outerNamesIn));
  };
  const isEntity = (name: string): boolean =>
    !name.startsWith('_') && isCompositeType(plain.getType(name)) && name !== 'Query' && name !== 'Mutation';
  const reference =
    (name: string) =>
    (given: Readonly<Record<string, unknown>>): Numbered => {
      const n = numberIn(keysOf(name).map((key) => given[key]));
      const type = plain.getType(name);
      const members = isAbstractType(type) ? numbering().members(name) : [];
      return { n, given, ...(members.length > 0 ? { __typename: members[n % members.length]! } : {}) };
    };
  const resolvers = Object.keys(plain.getTypeMap()).flatMap((name) =>
    isEntity(name) ? [[name, { __resolveReference: reference(name) }]] : [],
  );
  return buildSubgraphSchema([{ typeDefs: document, resolvers: Object.fromEntries(resolvers) as never }]);
}
