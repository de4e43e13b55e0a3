import {
  getNamedType,
  GraphQLBoolean,
  GraphQLEnumType,
  GraphQLInputObjectType,
  GraphQLInt,
  GraphQLList,
  GraphQLNonNull,
  GraphQLObjectType,
  GraphQLScalarType,
  GraphQLString,
  GraphQLUnionType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  type GraphQLInputType,
  type GraphQLNamedType,
  type GraphQLNullableType,
  type GraphQLOutputType,
  type GraphQLType,
} from 'graphql';

import { toRestEnum, toSnake } from '../names';
import type { AbstractSelection, ObjectSelection, PageSelection, Selection } from './selection';
import type { Signature } from './type-names';

/** Bytes; the answer has its own content type and no envelope. */
export const BinaryScalar = new GraphQLScalarType({ name: 'Binary', extensions: { jsonSchema: { type: 'string', format: 'binary' } } });

export interface ViewTypes {
  output(type: GraphQLOutputType, selection: Selection): GraphQLOutputType;
  input(type: GraphQLInputType): GraphQLInputType;
}

/** The view's types, made on demand from selections and input types. */
export function createViewTypes(sign: (selection: Selection) => Signature, names: ReadonlyMap<Signature, string>): ViewTypes {
  const made = new Map<string, GraphQLNamedType>();
  const once = <Type extends GraphQLNamedType>(name: string, make: () => Type): Type => {
    const known = made.get(name) as Type | undefined;
    if (known) return known;
    const type = make();
    made.set(name, type);
    return type;
  };

  const named = (selection: Selection): GraphQLNamedType => {
    switch (selection.kind) {
      case 'leaf':
        return isEnumType(selection.type) ? enumType(selection.type) : selection.type;
      case 'binary':
        return BinaryScalar;
      case 'object':
        return objectType(selection);
      case 'abstract':
        return unionType(selection);
      case 'page':
        return pageType(selection);
    }
  };

  const output = (type: GraphQLOutputType, selection: Selection): GraphQLOutputType => rewrap(type, named(selection)) as GraphQLOutputType;

  const objectType = (selection: ObjectSelection): GraphQLObjectType =>
    once(names.get(sign(selection))!, () => {
      const { type, fields, discriminator } = selection;
      const own = fields.map(
        ({ key, type: fieldType, node, description, deprecationReason }) =>
          [key, { type: output(fieldType, node), description, deprecationReason }] as const,
      );
      const tag = { type: new GraphQLNonNull(GraphQLString), description: `Which kind of thing this is: \`${toSnake(type.name)}\`.` };
      return new GraphQLObjectType({
        name: names.get(sign(selection))!,
        description: type.description,
        fields: Object.fromEntries([...(discriminator ? [[discriminator, tag] as const] : []), ...own]),
      });
    });

  const unionType = (selection: AbstractSelection): GraphQLUnionType =>
    once(
      names.get(sign(selection))!,
      () =>
        new GraphQLUnionType({
          name: names.get(sign(selection))!,
          description: selection.type.description,
          types: selection.members.map(objectType),
        }),
    );

  const pageType = (selection: PageSelection): GraphQLObjectType => {
    const item = named(selection.item);
    return once(
      `${item.name}Page`,
      () =>
        new GraphQLObjectType({
          name: `${item.name}Page`,
          description: `A page of a list of ${toSnake(item.name).replace(/_/g, ' ')} items.`,
          fields: {
            items: { type: rewrap(selection.itemType, item) as GraphQLOutputType, description: 'The items of this page.' },
            next_cursor: { type: GraphQLString, description: 'Send it as `cursor` for the next page; null on the last.' },
            has_more: { type: new GraphQLNonNull(GraphQLBoolean), description: 'True where another page follows.' },
            total: { type: GraphQLInt, description: 'Items in the whole list, where that is cheap to know.' },
          },
        }),
    );
  };

  const enumType = (type: GraphQLEnumType): GraphQLEnumType =>
    once(type.name, () => {
      const values = type
        .getValues()
        .map(({ name, description, deprecationReason }) => [toRestEnum(name), { value: name, description, deprecationReason }] as const);
      return new GraphQLEnumType({ name: type.name, description: type.description, values: Object.fromEntries(values) });
    });

  const inputObject = (type: GraphQLInputObjectType): GraphQLInputObjectType =>
    once(
      type.name,
      () =>
        new GraphQLInputObjectType({
          name: type.name,
          description: type.description,
          fields: () =>
            Object.fromEntries(
              Object.values(type.getFields()).map(({ name, type: fieldType, description, defaultValue, deprecationReason }) => [
                toSnake(name),
                { type: defaultValue === undefined ? input(fieldType) : nullable(input(fieldType)), description, deprecationReason },
              ]),
            ),
        }),
    );

  const input = (type: GraphQLInputType): GraphQLInputType => {
    const inner = getNamedType(type);
    const mapped = isEnumType(inner) ? enumType(inner) : isInputObjectType(inner) ? inputObject(inner) : inner;
    return rewrap(type, mapped) as GraphQLInputType;
  };

  return { output, input };
}

export const nullable = (type: GraphQLInputType): GraphQLInputType => (isNonNullType(type) ? (type.ofType as GraphQLInputType) : type);

/** The same lists and non-nulls around another type. */
function rewrap(type: GraphQLType, inner: GraphQLNamedType): GraphQLType {
  if (isNonNullType(type)) return new GraphQLNonNull(rewrap(type.ofType as GraphQLType, inner) as GraphQLNullableType);
  if (isListType(type)) return new GraphQLList(rewrap(type.ofType as GraphQLType, inner));
  return inner;
}
