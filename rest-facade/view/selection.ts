import {
  getNamedType,
  getNullableType,
  isAbstractType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  type GraphQLEnumType,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLScalarType,
  type GraphQLSchema,
} from 'graphql';

import { toSnake } from '../names';
import type { Ownership } from './ownership';

/**
 * What one route reads, decided once at start. Everything else is derived from this tree: the operation that runs, the types of the
 * snake_case view (and so the OpenAPI document), and the shaping of the answer. They cannot disagree.
 */
export type Selection = LeafSelection | ObjectSelection | PageSelection | AbstractSelection | BinarySelection;

export interface LeafSelection {
  readonly kind: 'leaf';
  readonly type: GraphQLScalarType | GraphQLEnumType;
}

export interface ObjectSelection {
  readonly kind: 'object';
  readonly type: GraphQLObjectType;
  readonly fields: readonly SelectedField[];
  /** The field of the answer that names the type, where the place may hold several types. */
  readonly discriminator?: string;
}

/** A Relay connection, shown as `{items, next_cursor, has_more, total}`. */
export interface PageSelection {
  readonly kind: 'page';
  readonly type: GraphQLObjectType;
  readonly itemType: GraphQLOutputType;
  readonly item: Selection;
  readonly hasNodes: boolean;
  readonly hasTotal: boolean;
}

export interface AbstractSelection {
  readonly kind: 'abstract';
  readonly type: GraphQLNamedType;
  readonly members: readonly ObjectSelection[];
}

/** A `BinaryFile {contentType, filename, base64}`: REST streams its bytes. */
export interface BinarySelection {
  readonly kind: 'binary';
  readonly type: GraphQLObjectType;
}

export interface SelectedField {
  readonly name: string;
  /** Its name in the answer. */
  readonly key: string;
  /** Its name in the operation, where two members of a union use one name for different types. */
  readonly alias: string;
  readonly type: GraphQLOutputType;
  readonly node: Selection;
  readonly description?: string;
  readonly deprecationReason?: string;
}

export interface SelectionRules {
  readonly schema: GraphQLSchema;
  readonly ownership: Ownership;
  readonly graph: string | undefined;
  readonly depth: number;
  readonly hidesDeprecated: boolean;
}

interface Position {
  readonly level: number;
  readonly ancestors: readonly GraphQLObjectType[];
  /** True inside the items of a list. */
  readonly isInList: boolean;
  /** True where only the identity of a thing is shown. */
  readonly isReference?: boolean;
}

/** A nested field that costs this much is a question of its own. */
const costly = 10;

export const binaryTypeName = 'BinaryFile';

export const isConnection = (type: GraphQLNamedType): type is GraphQLObjectType =>
  isObjectType(type) &&
  type.name.endsWith('Connection') &&
  'pageInfo' in type.getFields() &&
  ('nodes' in type.getFields() || 'edges' in type.getFields());

/** The selection of a route's field. Throws where nothing of it can be read. */
export function selectRoot(rules: SelectionRules, field: GraphQLField<unknown, unknown>): Selection {
  const type = getNamedType(field.type);
  const selected = isConnection(type)
    ? selectPage(rules, type)
    : select(rules, type, { level: 1, ancestors: [], isInList: isList(field.type) });
  if (!selected) throw new Error(`Nothing of ${field.name}: ${String(field.type)} can be selected.`);
  return selected;
}

function selectPage(rules: SelectionRules, type: GraphQLObjectType): Selection | undefined {
  const fields = type.getFields();
  const itemType = fields.nodes?.type ?? wrapEdges(fields.edges!.type);
  const item = select(rules, getNamedType(itemType), { level: 1, ancestors: [type], isInList: true });
  return item && { kind: 'page', type, itemType, item, hasNodes: 'nodes' in fields, hasTotal: 'totalCount' in fields };
}

const wrapEdges = (edges: GraphQLOutputType): GraphQLOutputType => {
  const edge = getNamedType(edges) as GraphQLObjectType;
  return edge.getFields().node!.type;
};

function select(rules: SelectionRules, type: GraphQLNamedType, position: Position): Selection | undefined {
  if (isLeafType(type)) return { kind: 'leaf', type };
  if (isAbstractType(type)) return selectMembers(rules, type, position);
  if (!isObjectType(type)) return undefined;
  if (type.name === binaryTypeName) return position.level === 1 ? { kind: 'binary', type } : undefined;
  return selectObject(rules, type, position);
}

function selectObject(rules: SelectionRules, type: GraphQLObjectType, position: Position): ObjectSelection | undefined {
  const { ownership, graph } = rules;
  const { level, ancestors } = position;
  // A thing with an identity inside itself is only named; a plain recursive value goes on to the depth.
  const isNamedOnly =
    'id' in type.getFields() && ((position.isReference === true && ownership.isEntity(type.name)) || ancestors.includes(type));
  const fields = Object.values(type.getFields()).flatMap((field): SelectedField[] => {
    if (isNamedOnly && field.name !== 'id') return [];
    if (rules.hidesDeprecated && field.deprecationReason != null) return [];
    if (!ownership.holds(graph, type.name, field.name) || !isPlain(field) || ownership.costOf(type.name, field.name) >= costly) return [];
    const named = getNamedType(field.type);
    if (!isLeafType(named) && level >= rules.depth) return [];
    const node = select(rules, named, inside(rules, type, { field, position }));
    if (!node) return [];
    const key = toSnake(field.name);
    return [
      {
        name: field.name,
        key,
        alias: key,
        type: field.type,
        node,
        ...(field.description ? { description: field.description } : {}),
        ...(field.deprecationReason == null ? {} : { deprecationReason: field.deprecationReason }),
      },
    ];
  });
  refuseTwins(type, fields);
  return fields.length > 0 ? { kind: 'object', type, fields } : undefined;
}

/**
 * A single thing with an identity that a thing, or an item of a list, points at is named and not told: it has a route of its own. Its parts
 * (lists) and what a plain answer carries come whole.
 */
function inside(
  { ownership }: SelectionRules,
  parent: GraphQLObjectType,
  { field, position }: { field: GraphQLField<unknown, unknown>; position: Position },
): Position {
  const [isMany, type] = [isList(field.type), getNamedType(field.type)];
  const isThing = ownership.isEntity(type.name) || isAbstractType(type);
  return {
    level: position.level + 1,
    ancestors: [...position.ancestors, parent],
    isInList: position.isInList || isMany,
    isReference: isThing && !isMany && (position.isInList || ownership.isEntity(parent.name)),
  };
}

const isList = (type: GraphQLOutputType): boolean => isListType(getNullableType(type));

/** Fields that take arguments are computed on demand, and lists in pages have routes of their own: neither comes along unasked. */
const isPlain = (field: GraphQLField<unknown, unknown>): boolean => {
  const named = getNamedType(field.type);
  if (isConnection(named)) return false;
  return isLeafType(named)
    ? field.args.every(({ type, defaultValue }) => !isNonNullType(type) || defaultValue !== undefined)
    : field.args.length === 0;
};

function selectMembers(rules: SelectionRules, type: GraphQLNamedType, position: Position): Selection | undefined {
  const possible = rules.schema.getPossibleTypes(type as never).filter((member) => rules.ownership.knows(rules.graph, member.name));
  const members = possible.flatMap((member) => selectObject(rules, member, position) ?? []);
  if (members.length === 0) return undefined;
  const taken = new Set(members.flatMap(({ fields }) => fields.map(({ key }) => key)));
  const discriminator = taken.has('object') ? 'type_name' : 'object';
  return { kind: 'abstract', type, members: members.map((member) => ({ ...member, discriminator, fields: keepApart(member, members) })) };
}

/** GraphQL refuses one response name for two types, so such fields travel under an alias with the member's name. */
const keepApart = (member: ObjectSelection, members: readonly ObjectSelection[]): readonly SelectedField[] =>
  member.fields.map((field) => {
    const clashes = members.some(({ fields }) =>
      fields.some((other) => other.key === field.key && String(other.type) !== String(field.type)),
    );
    return clashes ? { ...field, alias: `${field.key}__${member.type.name}` } : field;
  });

function refuseTwins(type: GraphQLObjectType, fields: readonly SelectedField[]): void {
  const keys = fields.map(({ key }) => key);
  const twin = keys.find((key, index) => keys.indexOf(key) !== index);
  if (twin) throw new Error(`Two fields of ${type.name} become ${twin} in snake_case.`);
}

/** True where a `null` means that the one thing asked for does not exist. */
export const isSingleNullable = (field: GraphQLField<unknown, unknown>): boolean =>
  !isNonNullType(field.type) && !isListType(getNullableType(field.type)) && !isLeafType(getNamedType(field.type));
