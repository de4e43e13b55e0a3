import { Kind, parse, valueFromASTUntyped, visit, type DocumentNode, type FragmentDefinitionNode, type GraphQLSchema, type OperationDefinitionNode } from 'graphql';

import { compilePlan, type Execute, type ExecutionParts } from '../execution/compile-plan';
import { compileRewrites, type ApplyRewrites } from '../execution/rewrites';
import type { FetchNode } from '../planning/plan';
import type { Planner } from '../planning/planner';
import type { PrivateNames } from '../planning/private-names';
import type { Conditions } from '../shaping/collect-fields';
import { compileShaper, type ShapeResult } from '../shaping/shaper';

import { compileIntrospection, type Introspect } from './introspect';
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
  /** Values of variables that the client may leave out. */
  readonly defaults?: Readonly<Record<string, unknown>>;
  /** Fields of the operation that this kind of caller may not see. */
  readonly withheld: readonly Withheld[];
  shaper(conditions: Conditions): ShapeResult;
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
}

/** Combinations of `@skip` and `@include` variables whose shapers are kept. */
const maxShapers = 32;

/** Everything that an operation needs at run time, made once. The document is valid; what is withheld is not in `permitted`. */
export function compileOperation(parts: CompileParts, document: DocumentNode, permitted: Permitted & { readonly asked: OperationDefinitionNode }): CompiledOperation {
  const { apiSchema } = parts;
  const { asked: definition } = permitted;
  const fragments = fragmentsOf(document);
  const rootType = apiSchema.getRootType(definition.operation);
  if (!rootType) throw refuse(`The graph has no ${definition.operation}s.`);
  const introspect = compileIntrospection(apiSchema, definition, fragments);
  const plan = parts.planner.plan({
    document: parts.names.rename(onlyOperation(permitted.document, permitted.definition)),
    ...(definition.name ? { operationName: definition.name.value } : {}),
  });
  return {
    definition,
    name: definition.name?.value ?? 'anonymous',
    kind: definition.operation,
    ...(plan.node ? { execute: compilePlan(parts, plan.node) } : {}),
    ...(plan.primary ? { primary: compilePrimary(parts, plan.primary) } : {}),
    ...(introspect ? { introspect } : {}),
    ...defaultsOf(definition),
    withheld: permitted.withheld,
    shaper: byConditions(conditionVariables(document), (conditions) =>
      compileShaper({ schema: apiSchema, fragments, conditions, keyOf: parts.names.keyOf }, rootType, definition.selectionSet),
    ),
  };
}

/** Sent along explicitly: not every executor fills in the defaults of the operation it is given. */
function defaultsOf({ variableDefinitions = [] }: OperationDefinitionNode): { readonly defaults?: Readonly<Record<string, unknown>> } {
  const defaults: Record<string, unknown> = {};
  for (const { variable, defaultValue } of variableDefinitions) if (defaultValue) defaults[variable.name.value] = valueFromASTUntyped(defaultValue);
  return Object.keys(defaults).length === 0 ? {} : { defaults };
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
