import {
  getOperationAST,
  Kind,
  OperationTypeNode,
  TypeNameMetaFieldDef,
  validateSchema,
  type DocumentNode,
  type ExecutionResult,
  type FragmentDefinitionNode,
  type GraphQLObjectType,
  type GraphQLSchema,
  type SelectionSetNode,
} from 'graphql';

import { isPromise } from '../../execution/is-promise';
import { isSafeKey, type Json } from '../../execution/json';
import { collectFields } from '../../shaping/collect-fields';
import type { SubgraphRequest } from '../../types';

import { compileComplete } from './complete';
import { executeFields, executeInOrder } from './execute-fields';
import { planField, type FieldPlan } from './fields';
import { OperationRun, type OperationFacts } from './run';
import { compileVariables } from './variables';

export type CompiledQuery = (request: SubgraphRequest) => Promise<ExecutionResult> | ExecutionResult;

/**
 * Compiles an operation of the planner for a schema of this process: what graphql-js looks up for each field of each object, types,
 * selections, arguments, is looked up once. Answers are those of graphql-js. Null for what planners do not write.
 */
export function compileQuery(schema: GraphQLSchema, { document, operationName }: SubgraphRequest): CompiledQuery | null {
  const operation = getOperationAST(document, operationName);
  const rootType = operation && schema.getRootType(operation.operation);
  if (!rootType || operation.operation === OperationTypeNode.SUBSCRIPTION || !isPlannersOwn(document)) return null;
  if (validateSchema(schema).length > 0) return null;
  const fragments = fragmentsOf(document);
  const facts: OperationFacts = { schema, operation, fragments: Object.fromEntries(fragments) };
  const planFields = (type: GraphQLObjectType, selectionSets: readonly SelectionSetNode[]): readonly FieldPlan[] =>
    [...collectFields({ schema, fragments, conditions: {} }, type, selectionSets)].flatMap(([key, nodes]) => {
      const name = nodes[0]!.name.value;
      const definition = name === '__typename' ? TypeNameMetaFieldDef : type.getFields()[name];
      if (!definition) return [];
      const field = { key, nodes, definition, parentType: type };
      const below = nodes.flatMap((node) => node.selectionSet ?? []);
      return planField(
        field,
        compileComplete(field, (runtimeType) => planFields(runtimeType, below)),
      );
    });
  const rootFields = planFields(rootType, [operation.selectionSet]);
  const coerce = compileVariables(schema, operation.variableDefinitions ?? []);
  return ({ variables: given, context }) => {
    const { coerced, errors } = coerce(given);
    if (!coerced) return { errors };
    const run = new OperationRun(facts, context, coerced);
    const failed = (thrown: unknown): ExecutionResult => {
      run.report(thrown, undefined);
      return answer(null, run);
    };
    try {
      const data =
        operation.operation === OperationTypeNode.MUTATION
          ? executeInOrder(rootFields, run)
          : executeFields(rootFields, undefined, run, undefined);
      return isPromise(data) ? data.then((waited) => answer(waited, run), failed) : answer(data, run);
    } catch (thrown) {
      return failed(thrown);
    }
  };
}

const answer = (data: Json | null, { errors }: OperationRun): ExecutionResult => (errors.length === 0 ? { data } : { errors, data });

/** Conditions have been decided before planning, and introspection is the engine's own affair. */
function isPlannersOwn(node: DocumentNode | SelectionSetNode): boolean {
  const parts = 'definitions' in node ? node.definitions : node.selections;
  return parts.every((part) => {
    if ('directives' in part && part.directives?.some(({ name }) => name.value === 'skip' || name.value === 'include')) return false;
    if (part.kind === Kind.FIELD) {
      const name = part.name.value;
      // As a key it would change the prototype of the answer.
      if (name === '__schema' || name === '__type' || !isSafeKey((part.alias ?? part.name).value)) return false;
    }
    return !('selectionSet' in part) || !part.selectionSet || isPlannersOwn(part.selectionSet);
  });
}

function fragmentsOf(document: DocumentNode): ReadonlyMap<string, FragmentDefinitionNode> {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const part of document.definitions) if (part.kind === Kind.FRAGMENT_DEFINITION) fragments.set(part.name.value, part);
  return fragments;
}
