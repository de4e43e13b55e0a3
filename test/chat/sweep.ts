import {
  getNamedType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isObjectType,
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLSchema,
} from 'graphql';

/** A value that fits an input type, so that a call gets past the schema and reaches the service. `id` fills every ID. */
function valueFor(type: GraphQLInputType, id: string): unknown {
  if (isNonNullType(type)) return valueFor(type.ofType, id);
  if (isListType(type)) return [valueFor(type.ofType, id)];
  if (isEnumType(type)) return type.getValues()[0]!.name;
  if (isInputObjectType(type)) {
    const required = Object.values(type.getFields()).filter((field) => isNonNullType(field.type));
    return Object.fromEntries(required.map((field) => [field.name, valueFor(field.type, id)]));
  }
  return { ID: id, Int: 1, Float: 1, Boolean: true }[getNamedType(type).name] ?? 'text';
}

export interface SweptOperation {
  readonly name: string;
  readonly source: string;
  readonly variables: Readonly<Record<string, unknown>>;
  /** True where the operation names something by an id. */
  readonly takesId: boolean;
}

const hasRequiredId = (type: GraphQLInputType): boolean => {
  if (!isNonNullType(type)) return false;
  const inner = type.ofType;
  if (isInputObjectType(inner)) return Object.values(inner.getFields()).some((field) => hasRequiredId(field.type));
  return !isListType(inner) && 'name' in inner && inner.name === 'ID';
};

/** Every query or mutation of a schema as an operation with fitting arguments, made from the schema itself. */
export function sweep(schema: GraphQLSchema, kind: 'query' | 'mutation', id: string): readonly SweptOperation[] {
  const root = kind === 'query' ? schema.getQueryType() : schema.getMutationType();
  return Object.values(root?.getFields() ?? {})
    .filter(({ name }) => !name.startsWith('_'))
    .map((field: GraphQLField<unknown, unknown>) => {
      const required = field.args.filter((arg) => isNonNullType(arg.type));
      const declared = required.map((arg) => `$${arg.name}: ${String(arg.type)}`).join(', ');
      const passed = required.map((arg) => `${arg.name}: $${arg.name}`).join(', ');
      const selection = isObjectType(getNamedType(field.type)) ? ' { __typename }' : '';
      return {
        name: field.name,
        source: `${kind}${declared && `(${declared})`} { ${field.name}${passed && `(${passed})`}${selection} }`,
        variables: Object.fromEntries(required.map((arg) => [arg.name, valueFor(arg.type, id)])),
        takesId: required.some((arg) => hasRequiredId(arg.type)),
      };
    });
}
