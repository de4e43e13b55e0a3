import { visit, type OperationDefinitionNode } from 'graphql';

/** Servers refuse an operation that names a variable and does not use it. */
export function withoutUnusedVariables(node: OperationDefinitionNode): OperationDefinitionNode {
  const used = new Set<string>();
  visit(node, { VariableDefinition: () => false, Variable: ({ name }) => void used.add(name.value) });
  return { ...node, variableDefinitions: node.variableDefinitions?.filter(({ variable }) => used.has(variable.name.value)) };
}
