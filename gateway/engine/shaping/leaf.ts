import { isEnumType, type GraphQLLeafType } from 'graphql';

const maxInt = 2_147_483_647;

const isInt = (value: unknown): boolean => Number.isInteger(value) && Math.abs(value as number) <= maxInt + 1;

/** Whether a subgraph's value fits a leaf type. Custom scalars are the subgraph's own affair. */
export function leafTest(type: GraphQLLeafType): ((value: unknown) => boolean) | undefined {
  if (isEnumType(type)) {
    // The API schema's values only: an inaccessible value must not reach a client.
    const names = new Set(type.getValues().map((value) => value.name));
    return (value) => typeof value === 'string' && names.has(value);
  }
  switch (type.name) {
    case 'Int':
      return isInt;
    case 'Float':
      return (value) => typeof value === 'number';
    case 'String':
      return (value) => typeof value === 'string';
    case 'Boolean':
      return (value) => typeof value === 'boolean';
    case 'ID':
      return (value) => typeof value === 'string' || Number.isInteger(value);
    default:
      return undefined;
  }
}
