/**
 * A query plan in the engine's own words, so that every planner's output is executed by one executor. Paths are response names;
 * `@` stands for "each element of the list here".
 */
export type PlanNode = SequenceNode | ParallelNode | FlattenNode | FetchNode | BatchFetchNode | ConditionNode;

export interface SequenceNode {
  readonly kind: 'Sequence';
  readonly nodes: readonly PlanNode[];
}

export interface ParallelNode {
  readonly kind: 'Parallel';
  readonly nodes: readonly PlanNode[];
}

/** A path element: a response name, `@`, or "only where the object here is one of these types". */
export type PathElement = string | { readonly types: readonly string[] };

export interface FlattenNode {
  readonly kind: 'Flatten';
  readonly path: readonly PathElement[];
  readonly node: PlanNode;
}

export interface ConditionNode {
  readonly kind: 'Condition';
  /** Name of a Boolean variable. */
  readonly condition: string;
  readonly ifClause?: PlanNode;
  readonly elseClause?: PlanNode;
}

export interface FetchNode {
  readonly kind: 'Fetch';
  readonly subgraph: string;
  readonly operation: string;
  readonly operationName?: string;
  readonly operationKind: 'query' | 'mutation' | 'subscription';
  readonly variableUsages: readonly string[];
  /** Present for entity fetches: what a representation is made of. */
  readonly requires?: readonly RequiredSelection[];
  readonly inputRewrites?: readonly Rewrite[];
  readonly outputRewrites?: readonly Rewrite[];
}

/** Entities of several places asked of one subgraph in one request: `_e0: _entities(representations: $r0) … _e1: …`. */
export interface BatchFetchNode {
  readonly kind: 'BatchFetch';
  readonly subgraph: string;
  readonly operation: string;
  readonly operationName?: string;
  readonly variableUsages: readonly string[];
  readonly groups: readonly EntityGroup[];
}

export interface EntityGroup {
  readonly alias: string;
  /** Name of the variable that takes the representations. */
  readonly variable: string;
  /** Where the entities are, from the object that the node is about. */
  readonly paths: readonly (readonly PathElement[])[];
  readonly requires: readonly RequiredSelection[];
  readonly inputRewrites?: readonly Rewrite[];
  readonly outputRewrites?: readonly Rewrite[];
}

export type RequiredSelection =
  | {
      readonly kind: 'Field';
      readonly name: string;
      readonly alias?: string;
      readonly selections?: readonly RequiredSelection[];
      /** The subgraph's name for it, where it was fetched under another. */
      readonly sendAs?: string;
    }
  | {
      readonly kind: 'InlineFragment';
      readonly typeCondition?: string;
      readonly selections: readonly RequiredSelection[];
      /** Names of Boolean variables. */
      readonly skipIf?: string;
      readonly includeIf?: string;
    };

/** A rewrite's path element: a response name, or a condition on the object's type. */
export type RewriteElement = { readonly field: string } | { readonly types: readonly string[] };

export type Rewrite =
  | { readonly kind: 'ValueSetter'; readonly path: readonly RewriteElement[]; readonly setValueTo: unknown }
  | { readonly kind: 'KeyRenamer'; readonly path: readonly RewriteElement[]; readonly renameKeyTo: string };

export interface OperationPlan {
  /** Absent where no subgraph is needed: introspection only, or `__typename`. */
  readonly node?: PlanNode;
  /** Present for subscriptions: what is subscribed to; `node` then runs once for each event. */
  readonly primary?: FetchNode;
}
