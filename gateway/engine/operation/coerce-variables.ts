import { getVariableValues, type GraphQLSchema, type OperationDefinitionNode } from 'graphql';

import { invalidOperation, refuse } from './refusal';

export type Variables = Readonly<Record<string, unknown>>;

/** Deeper values serve no input type and would end the stack of whoever walks them. */
const maxVariableDepth = 200;

const none: Variables = Object.freeze({});

/** Checks the client's variables against the operation and gives them with defaults filled in. */
export function coerceVariables(schema: GraphQLSchema, definition: OperationDefinitionNode, given: Variables): Variables {
  const { variableDefinitions } = definition;
  if (!variableDefinitions || variableDefinitions.length === 0) return none;
  if (isDeeperThan(given, maxVariableDepth)) throw refuse(`Variables may be nested ${maxVariableDepth} deep at most.`);
  const { coerced, errors } = getVariableValues(schema, variableDefinitions, given, { maxErrors: 10 });
  if (errors) throw invalidOperation(errors, false);
  return coerced;
}

/** Level by level instead of recursively, since depth is what is in doubt. */
function isDeeperThan(value: unknown, limit: number): boolean {
  let level: unknown[] = [value];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > limit) return true;
    const next: unknown[] = [];
    for (const item of level) {
      if (typeof item !== 'object' || item === null) continue;
      for (const child of Array.isArray(item) ? item : Object.values(item))
        if (typeof child === 'object' && child !== null) next.push(child);
    }
    level = next;
  }
  return false;
}
