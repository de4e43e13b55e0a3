import { getArgumentValues, isNonNullType, Kind, type FieldNode, type GraphQLField, type ValueNode } from 'graphql';

import type { OperationRun } from './run';

/** Each call gives an object of its own, since it is the resolver's. */
export type ArgumentsOf = (run: OperationRun) => Record<string, unknown>;

/** Arguments without variables are read once; those that are variables as a whole are looked up; graphql-js reads the rest. */
export function planArguments(definition: GraphQLField<unknown, unknown>, node: FieldNode): ArgumentsOf {
  if (definition.args.length === 0) return () => ({});
  const given = node.arguments ?? [];
  const read: ArgumentsOf = ({ variables }) => getArgumentValues(definition, node, variables);
  if (!given.some(({ value }) => usesVariables(value))) {
    let known: Record<string, unknown> | undefined;
    return () => ({ ...(known ??= getArgumentValues(definition, node, {})) });
  }
  const sources = definition.args.map(({ name, type, defaultValue }) => {
    const value = given.find((argument) => argument.name.value === name)?.value;
    const variable = value?.kind === Kind.VARIABLE ? value.name.value : undefined;
    return { name, isGiven: value !== undefined, variable, defaultValue, isRequired: isNonNullType(type) };
  });
  if (sources.some(({ isGiven, variable, isRequired }) => (isGiven ? variable === undefined : isRequired))) return read;
  return (run) => {
    const values: Record<string, unknown> = {};
    for (const { name, variable, defaultValue, isRequired } of sources) {
      const value = variable !== undefined && Object.hasOwn(run.variables, variable) ? run.variables[variable] : defaultValue;
      // Whether that is missing, or null where none may be, is for graphql-js to say.
      if (isRequired && (value === undefined || value === null)) return read(run);
      if (value !== undefined) values[name] = value;
    }
    return values;
  };
}

function usesVariables(value: ValueNode): boolean {
  if (value.kind === Kind.LIST) return value.values.some(usesVariables);
  if (value.kind === Kind.OBJECT) return value.fields.some((field) => usesVariables(field.value));
  return value.kind === Kind.VARIABLE;
}
