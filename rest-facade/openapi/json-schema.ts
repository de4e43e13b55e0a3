import {
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isObjectType,
  isScalarType,
  isUnionType,
  type GraphQLNamedType,
  type GraphQLObjectType,
  type GraphQLType,
} from 'graphql';

/** JSON Schema 2020-12, the dialect of OpenAPI 3.1. */
export type JsonSchema = Readonly<Record<string, unknown>>;

const scalars: Readonly<Record<string, JsonSchema>> = {
  Int: { type: 'integer', format: 'int32' },
  Float: { type: 'number', format: 'double' },
  String: { type: 'string' },
  Boolean: { type: 'boolean' },
  ID: { type: 'string' },
  DateTime: { type: 'string', format: 'date-time' },
  DateTimeISO: { type: 'string', format: 'date-time' },
  BigInt: { type: ['integer', 'string'], pattern: '^-?\\d+$' },
  Duration: { type: 'string', format: 'duration' },
  Binary: { type: 'string', format: 'binary' },
};

export const referenceTo = (name: string): JsonSchema => ({ $ref: `#/components/schemas/${name}` });

/** A type of the view where it is used. Nullable is the default of GraphQL and is written out here. */
export function schemaOf(type: GraphQLType): JsonSchema {
  if (isNonNullType(type)) return present(type.ofType as GraphQLType);
  return orNull(present(type));
}

/** The same without null, for parameters and for fields of a request, where leaving out is the way to say nothing. */
export function present(type: GraphQLType): JsonSchema {
  if (isNonNullType(type)) return present(type.ofType as GraphQLType);
  if (isListType(type)) return { type: 'array', items: schemaOf(type.ofType as GraphQLType) };
  if (isScalarType(type)) return scalars[type.name] ?? {};
  return referenceTo((type as GraphQLNamedType).name);
}

export function orNull(schema: JsonSchema): JsonSchema {
  if (typeof schema.type === 'string') return { ...schema, type: [schema.type, 'null'] };
  if (Array.isArray(schema.type)) return { ...schema, type: [...(schema.type as string[]), 'null'] };
  return schema.$ref === undefined ? schema : { oneOf: [schema, { type: 'null' }] };
}

const described = (
  schema: JsonSchema,
  { description, deprecationReason }: { description?: string | null; deprecationReason?: string | null },
): JsonSchema => ({
  ...schema,
  ...(description ? { description: deprecationReason ? `${description} Deprecated: ${deprecationReason}` : description } : {}),
  ...(deprecationReason == null ? {} : { deprecated: true }),
});

/** The component of a named type; undefined for scalars, which are written out where they are used. */
export function componentOf(type: GraphQLNamedType): JsonSchema | undefined {
  const about = type.description ? { description: type.description } : {};
  if (isEnumType(type)) {
    const lines = type.getValues().flatMap(({ name, description }) => (description ? [`- \`${name}\`: ${description}`] : []));
    const description = [type.description, ...lines].filter(Boolean).join('\n');
    return { type: 'string', enum: type.getValues().map(({ name }) => name), ...(description ? { description } : {}) };
  }
  if (isUnionType(type)) return { oneOf: type.getTypes().map(({ name }) => referenceTo(name)), ...about };
  if (isObjectType(type)) return { ...objectSchema(type), ...about };
  if (!isInputObjectType(type)) return undefined;
  const fields = Object.values(type.getFields());
  const required = fields.filter((field) => isNonNullType(field.type)).map(({ name }) => name);
  return {
    type: 'object',
    properties: Object.fromEntries(fields.map((field) => [field.name, described(schemaOf(field.type), field)])),
    ...(required.length > 0 ? { required } : {}),
    additionalProperties: false,
    ...about,
  };
}

/** Every selected field is always there, so all are required; what is missing is null. */
function objectSchema(type: GraphQLObjectType): JsonSchema {
  const fields = Object.values(type.getFields());
  const tag = (name: string): JsonSchema => {
    const word = /^Which kind of thing this is: `(.+)`\.$/.exec(type.getFields()[name]?.description ?? '')?.[1];
    return word === undefined ? {} : { const: word };
  };
  return {
    type: 'object',
    properties: Object.fromEntries(fields.map((field) => [field.name, { ...described(schemaOf(field.type), field), ...tag(field.name) }])),
    required: fields.map(({ name }) => name),
  };
}
