import {
  Kind,
  parse,
  print,
  valueFromASTUntyped,
  type DocumentNode,
  type FragmentDefinitionNode,
  type GraphQLSchema,
  type OperationDefinitionNode,
} from 'graphql';

import { compilePlan } from '../execution/compile-plan';
import type { Execute, ExecutionParts } from '../execution/parts';
import { compileRewrites, type ApplyRewrites } from '../execution/rewrites';
import type { FetchNode } from '../planning/plan';
import { hoistLiterals } from '../planning/hoist-literals';
import type { Planner } from '../planning/planner';
import type { PrivateNames } from '../planning/private-names';
import { collectFields, type Conditions } from '../shaping/collect-fields';
import { compileShaper, type ShapeResult } from '../shaping/shaper';

import { foldConditions } from './fold-conditions';
import { compileIntrospection, type Introspect } from './introspect';
import type { BoundedCache } from './operation-cache';
import type { Permitted, Withheld } from './protect';
import { refuse } from './refusal';

export interface CompiledOperation {
  readonly definition: OperationDefinitionNode;
  /** For metrics; `anonymous` where the client gave none. */
  readonly name: string;
  readonly kind: 'query' | 'mutation' | 'subscription';
  /** Absent where no subgraph is needed. */
  readonly execute?: Execute;
  /** Present for subscriptions. */
  readonly primary?: PrimaryFetch;
  readonly introspect?: Introspect;
  readonly given?: GivenValues;
  /** Fields of the operation that this kind of caller may not see. */
  readonly withheld: readonly Withheld[];
  readonly shape: ShapeResult;
}

/** Values that the plan's variables have beside those that the client sends. */
export interface GivenValues {
  /** Of variables that the client may leave out. */
  readonly defaults: Readonly<Record<string, unknown>>;
  /** Of the variables that stand for literals in the plan. */
  readonly literals: Readonly<Record<string, unknown>>;
  /** Both, for clients that send none. */
  readonly always: Readonly<Record<string, unknown>>;
}

/** The fetch that a subscription listens to, parsed once. */
export interface PrimaryFetch {
  readonly fetch: FetchNode;
  readonly document: DocumentNode;
  readonly rewriteOutput?: ApplyRewrites;
}

export interface CompileParts extends ExecutionParts {
  /** What clients see. */
  readonly apiSchema: GraphQLSchema;
  readonly planner: Planner;
  readonly names: PrivateNames;
  /** Plans of operations with their literals taken out, by text. */
  readonly plans: BoundedCache<ExecutablePlan>;
}

/** What operations that differ only by literals share. */
export interface ExecutablePlan {
  readonly execute?: Execute;
  readonly primary?: PrimaryFetch;
}

export interface OperationCase {
  /** As the client sent it; valid. */
  readonly document: DocumentNode;
  readonly definition: OperationDefinitionNode;
  /** What of it this kind of caller may see. */
  readonly permitted: Permitted;
  /** How its conditions are decided; null where it has none. */
  readonly conditions: Conditions | null;
}

/** Everything that an operation needs at run time in one case, made once. */
export function compileOperation(parts: CompileParts, { document, definition, permitted, conditions }: OperationCase): CompiledOperation {
  const { apiSchema } = parts;
  const fragments = fragmentsOf(document);
  const rootType = apiSchema.getRootType(definition.operation);
  if (!rootType) throw refuse(`The graph has no ${definition.operation}s.`);
  const introspect = compileIntrospection(apiSchema, definition, fragments);
  const operation = onlyOperation(permitted.document, permitted.definition);
  const planned = parts.names.rename(conditions ? foldConditions(operation, conditions) : operation);
  const hoisted = hoistLiterals(apiSchema, planned);
  return {
    definition,
    name: definition.name?.value ?? 'anonymous',
    kind: definition.operation,
    ...(hoisted ? sharedPlan(parts, hoisted.document, definition) : makePlan(parts, planned, definition)),
    ...(introspect ? { introspect } : {}),
    ...givenValues(definition, hoisted?.values),
    withheld: permitted.withheld,
    shape: compileShaper(
      { schema: apiSchema, fragments, conditions: conditions ?? {}, keyOf: parts.names.keyOf },
      rootType,
      definition.selectionSet,
    ),
  };
}

function makePlan(parts: CompileParts, document: DocumentNode, { name }: OperationDefinitionNode): ExecutablePlan {
  const { node, primary } = parts.planner.plan({ document, ...(name ? { operationName: name.value } : {}) });
  // An interface that no type of the subgraph implements: the planner then asks nobody, which must not look like a null.
  if (!node && !primary && asksForData(parts, document)) throw refuse('No subgraph has an object that could answer this operation.');
  return { ...(node ? { execute: compilePlan(parts, node) } : {}), ...(primary ? { primary: compilePrimary(parts, primary) } : {}) };
}

function sharedPlan(parts: CompileParts, document: DocumentNode, definition: OperationDefinitionNode): ExecutablePlan {
  const text = print(document);
  const known = parts.plans.get(text);
  if (known) return known;
  const made = makePlan(parts, document, definition);
  parts.plans.set(text, made, 2_000 + text.length * 10);
  return made;
}

function asksForData({ apiSchema }: CompileParts, document: DocumentNode): boolean {
  const definition = document.definitions.find((part) => part.kind === Kind.OPERATION_DEFINITION);
  const rootType = definition && apiSchema.getRootType(definition.operation);
  if (!definition || !rootType) return false;
  const scope = { schema: apiSchema, fragments: fragmentsOf(document), conditions: {} };
  return [...collectFields(scope, rootType, [definition.selectionSet]).values()].some(([field]) => !field!.name.value.startsWith('__'));
}

/** Sent along explicitly: not every executor fills in the defaults of the operation it is given. */
function givenValues(
  { variableDefinitions = [] }: OperationDefinitionNode,
  literals: Readonly<Record<string, unknown>> = {},
): { readonly given?: GivenValues } {
  const defaults: Record<string, unknown> = {};
  for (const { variable, defaultValue } of variableDefinitions)
    if (defaultValue) defaults[variable.name.value] = valueFromASTUntyped(defaultValue);
  const always = { ...defaults, ...literals };
  return Object.keys(always).length === 0 ? {} : { given: { defaults, literals, always } };
}

export function fragmentsOf(document: DocumentNode): ReadonlyMap<string, FragmentDefinitionNode> {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const part of document.definitions) if (part.kind === Kind.FRAGMENT_DEFINITION) fragments.set(part.name.value, part);
  return fragments;
}

const compilePrimary = ({ schema }: CompileParts, fetch: FetchNode): PrimaryFetch => ({
  fetch,
  document: parse(fetch.operation, { noLocation: true }),
  rewriteOutput: compileRewrites(schema, fetch.outputRewrites),
});

/** Planners take the first operation of a document, so the others are left out. */
const onlyOperation = (document: DocumentNode, definition: OperationDefinitionNode): DocumentNode => ({
  ...document,
  definitions: document.definitions.filter((part) => part.kind !== Kind.OPERATION_DEFINITION || part === definition),
});
