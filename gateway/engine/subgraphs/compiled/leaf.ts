import { GraphQLBoolean, GraphQLFloat, GraphQLID, GraphQLInt, GraphQLString, type GraphQLLeafType } from 'graphql';

/** Values that are what they would be serialized to, or read as. Others, and other scalars, go through the scalar. */
export const isReady: ReadonlyMap<unknown, (value: unknown) => boolean> = new Map<GraphQLLeafType, (value: unknown) => boolean>([
  [GraphQLString, (value) => typeof value === 'string'],
  [GraphQLID, (value) => typeof value === 'string'],
  [GraphQLBoolean, (value) => typeof value === 'boolean'],
  [GraphQLFloat, (value) => typeof value === 'number' && Number.isFinite(value)],
  // Bitwise, a number stays itself just when it is an integer of 32 bits.
  [GraphQLInt, (value) => typeof value === 'number' && (value | 0) === value],
]);

export function completeLeaf(type: GraphQLLeafType): (value: unknown) => unknown {
  const serialize = (value: unknown): unknown => {
    const serialized: unknown = type.serialize(value);
    if (serialized === null || serialized === undefined)
      throw new Error(`Expected "${type.name}" to serialize to a value that is not null.`);
    return serialized;
  };
  const ready = isReady.get(type);
  return ready ? (value) => (ready(value) ? value : serialize(value)) : serialize;
}
