import { isAbstractType, isInterfaceType, isObjectType, type GraphQLSchema } from 'graphql';

import type { Json } from './json';

export type TypeTest = (object: Json, whenUnknown: boolean) => boolean;

/** Compiles "is this object of one of these types", asked for every entity of a fetch. */
export function compileTypeTest(schema: GraphQLSchema, conditions: readonly string[]): TypeTest {
  const verdicts = new Map<string, boolean>();
  const decide = (typename: string): boolean => {
    if (conditions.includes(typename)) return true;
    const type = schema.getType(typename);
    if (!isObjectType(type) && !isInterfaceType(type)) return false;
    return conditions.some((condition) => {
      const wanted = schema.getType(condition);
      return isAbstractType(wanted) && schema.isSubType(wanted, type);
    });
  };
  return (object, whenUnknown) => {
    const typename = object.__typename;
    if (typeof typename !== 'string') return whenUnknown;
    let verdict = verdicts.get(typename);
    if (verdict === undefined) {
      verdict = decide(typename);
      // A subgraph that invents type names must not grow this map.
      if (schema.getType(typename)) verdicts.set(typename, verdict);
    }
    return verdict;
  };
}
