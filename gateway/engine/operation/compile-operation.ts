import {
  getOperationAST,
  GraphQLError,
  Kind,
  parse,
  validate,
  visit,
  type DocumentNode,
  type FragmentDefinitionNode,
  type GraphQLSchema,
  type OperationDefinitionNode,
} from 'graphql';

import { compilePlan, type Execute, type ExecutionParts } from '../execution/compile-plan';
import type { FetchNode } from '../planning/plan';
import type { Planner } from '../planning/planner';
import type { Conditions } from '../shaping/collect-fields';
import { compileShaper, type ShapeResult } from '../shaping/shaper';

import { compileIntrospection, type Introspect } from './introspect';
import { invalidOperation, refuse } from './refusal';

export interface CompiledOperation {
  readonly definition: OperationDefinitionNode;
  /** For metrics; `anonymous` where the client gave none. */
  readonly name: string;
  readonly kind: 'query' | 'mutation' | 'subscription';
  /** Absent where no subgraph is needed. */
  readonly execute?: Execute;
  /** Present for subscriptions. */
  readonly primary?: FetchNode;
  readonly introspect?: Introspect;
  shaper(conditions: Conditions): ShapeResult;
}

export interface CompileParts extends ExecutionParts {
  /** What clients see. */
  readonly apiSchema: GraphQLSchema;
  readonly planner: Planner;
  readonly maxTokens: number;
  readonly withSuggestions: boolean;
}

const maxValidationErrors = 20;
/** Combinations of `@skip` and `@include` variables whose shapers are kept. */
const maxShapers = 32;

/** Text to document, refusing what does not parse. */
export function parseOperation({ maxTokens, withSuggestions }: CompileParts, source: string): DocumentNode {
  try {
    return parse(source, { maxTokens });
  } catch (thrown) {
    if (thrown instanceof GraphQLError) throw invalidOperation([thrown], withSuggestions);
    // The parser recurses: text nested thousands deep ends the stack before it ends the tokens.
    if (thrown instanceof RangeError) throw refuse('The document is nested too deeply.');
    throw thrown;
  }
}

export function validateOperation({ apiSchema, withSuggestions }: CompileParts, document: DocumentNode): void {
  const problems = validate(apiSchema, document, undefined, { maxErrors: maxValidationErrors });
  if (problems.length > 0) throw invalidOperation(problems, withSuggestions);
}

export function selectOperation(document: DocumentNode, operationName: string | undefined): OperationDefinitionNode {
  const definition = getOperationAST(document, operationName);
  if (definition) return definition;
  throw refuse(
    operationName === undefined
      ? 'The document holds several operations; say in operationName which one is to run.'
      : 'The document holds no operation of the name that operationName gives.',
  );
}

/** Everything that an operation needs at run time, made once. The document is valid. */
export function compileOperation(parts: CompileParts, document: DocumentNode, definition: OperationDefinitionNode): CompiledOperation {
  const { apiSchema } = parts;
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const part of document.definitions) if (part.kind === Kind.FRAGMENT_DEFINITION) fragments.set(part.name.value, part);
  const rootType = apiSchema.getRootType(definition.operation);
  if (!rootType) throw refuse(`The graph has no ${definition.operation}s.`);
  const introspect = compileIntrospection(apiSchema, definition, fragments);
  const plan = parts.planner.plan({ document: onlyOperation(document, definition), ...(definition.name ? { operationName: definition.name.value } : {}) });
  return {
    definition,
    name: definition.name?.value ?? 'anonymous',
    kind: definition.operation,
    ...(plan.node ? { execute: compilePlan(parts, plan.node) } : {}),
    ...(plan.primary ? { primary: plan.primary } : {}),
    ...(introspect ? { introspect } : {}),
    shaper: byConditions(conditionVariables(document), (conditions) =>
      compileShaper({ schema: apiSchema, fragments, conditions }, rootType, definition.selectionSet),
    ),
  };
}

/** Planners take the first operation of a document, so the others are left out. */
const onlyOperation = (document: DocumentNode, definition: OperationDefinitionNode): DocumentNode => ({
  ...document,
  definitions: document.definitions.filter((part) => part.kind !== Kind.OPERATION_DEFINITION || part === definition),
});

function conditionVariables(document: DocumentNode): string[] {
  const names = new Set<string>();
  visit(document, {
    Directive(node) {
      if (node.name.value !== 'skip' && node.name.value !== 'include') return;
      for (const { value } of node.arguments ?? []) if (value.kind === Kind.VARIABLE) names.add(value.name.value);
    },
  });
  return [...names];
}

/** Shapers differ only by which fields are skipped: one for each combination that turns up. */
function byConditions(names: readonly string[], compile: (conditions: Conditions) => ShapeResult): (conditions: Conditions) => ShapeResult {
  if (names.length === 0) {
    let only: ShapeResult | undefined;
    return () => (only ??= compile({}));
  }
  const shapers = new Map<string, ShapeResult>();
  return (conditions) => {
    const key = names.map((name) => (conditions[name] ? '1' : '0')).join('');
    const known = shapers.get(key);
    if (known) return known;
    const made = compile(conditions);
    if (shapers.size < maxShapers) shapers.set(key, made);
    return made;
  };
}
