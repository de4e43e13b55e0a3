import {
  getVariableValues,
  isNonNullType,
  isScalarType,
  print,
  typeFromAST,
  type GraphQLInputType,
  type GraphQLSchema,
  type VariableDefinitionNode,
} from 'graphql';

import { isJson } from '../../execution/json';

import { isReady } from './leaf';

type Variables = Readonly<Record<string, unknown>>;
type Coerced = ReturnType<typeof getVariableValues>;

/**
 * graphql-js coerces, except where each value is what it would become: representations, which the executor has made, and plain
 * scalars. That is most of what planners send.
 */
export function compileVariables(schema: GraphQLSchema, definitions: readonly VariableDefinitionNode[]): (given: Variables) => Coerced {
  const coerce = (given: Variables): Coerced => getVariableValues(schema, definitions, given, { maxErrors: 50 });
  const tests = definitions.map((definition) => [definition.variable.name.value, testOf(schema, definition)] as const);
  if (tests.some(([, test]) => !test)) return coerce;
  return (given) => {
    const coerced: Record<string, unknown> = {};
    for (const [name, test] of tests) {
      const value = given[name];
      if (!test!(value)) return coerce(given);
      coerced[name] = value;
    }
    return { coerced };
  };
}

/** Whether a value needs no coercing; undefined where each may. */
function testOf(schema: GraphQLSchema, { type: node }: VariableDefinitionNode): ((value: unknown) => boolean) | undefined {
  if (print(node) === '[_Any!]!' && takesAnything(schema)) return (value) => Array.isArray(value) && value.every(isJson);
  const type = typeFromAST(schema, node as Parameters<typeof typeFromAST>[1]) as GraphQLInputType | undefined;
  return isReady.get(isNonNullType(type) ? type.ofType : type);
}

/** The scalar of `@apollo/subgraph` does. */
function takesAnything(schema: GraphQLSchema): boolean {
  const type = schema.getType('_Any');
  const probe = {};
  return isScalarType(type) && type.parseValue(probe) === probe;
}
