import { Kind, valueFromASTUntyped, type ConstDirectiveNode, type DocumentNode, type FieldDefinitionNode } from 'graphql';

/**
 * Which subgraph can answer a field, read from the supergraph's join directives. A REST answer holds what the route's own subgraph
 * knows: joins over domains are what GraphQL is for, and a route that pulled them in would cost every domain on every request.
 */
export interface Ownership {
  /** The subgraph that answers a field of Query or Mutation; undefined in a schema that is not composed. */
  rootGraph(type: string, field: string): string | undefined;
  holds(graph: string | undefined, type: string, field: string): boolean;
  /** True where the subgraph defines the type at all. */
  knows(graph: string | undefined, type: string): boolean;
  /** True where the type has a key: a thing with an identity and, most often, a route of its own. */
  isEntity(type: string): boolean;
  /** What `@cost` says about a field; 0 where it says nothing. */
  costOf(type: string, field: string): number;
}

interface FieldGraphs {
  /** Undefined: all subgraphs of the type. */
  readonly graphs: ReadonlySet<string> | undefined;
  readonly cost: number;
}

const argumentsOf = (directive: ConstDirectiveNode): Record<string, unknown> =>
  Object.fromEntries((directive.arguments ?? []).map((argument) => [argument.name.value, valueFromASTUntyped(argument.value)]));

const named = (directives: readonly ConstDirectiveNode[] | undefined, name: string): Record<string, unknown>[] =>
  (directives ?? []).filter((directive) => directive.name.value === name).map(argumentsOf);

function fieldGraphs(field: FieldDefinitionNode): FieldGraphs {
  const joins = named(field.directives, 'join__field').filter((join) => typeof join.graph === 'string');
  const cost = Number(named(field.directives, 'cost')[0]?.weight ?? 0);
  if (joins.length === 0) return { graphs: undefined, cost };
  const answering = joins.filter((join) => join.external !== true && join.usedOverridden !== true);
  return { graphs: new Set(answering.map((join) => join.graph as string)), cost };
}

export function readOwnership(document: DocumentNode): Ownership {
  const types = new Map<string, { graphs: ReadonlySet<string>; isEntity: boolean; fields: ReadonlyMap<string, FieldGraphs> }>();
  for (const definition of document.definitions) {
    if (!('directives' in definition) || !('name' in definition) || !definition.name) continue;
    const joins = named(definition.directives as readonly ConstDirectiveNode[], 'join__type');
    const graphs = new Set(joins.map((join) => String(join.graph)));
    const withFields = definition.kind === Kind.OBJECT_TYPE_DEFINITION || definition.kind === Kind.INTERFACE_TYPE_DEFINITION;
    const fields = new Map(withFields ? (definition.fields ?? []).map((field) => [field.name.value, fieldGraphs(field)]) : []);
    types.set(definition.name.value, { graphs, isEntity: joins.some((join) => typeof join.key === 'string'), fields });
  }

  const graphsOf = (type: string, field: string): ReadonlySet<string> => {
    const owner = types.get(type);
    return owner?.fields.get(field)?.graphs ?? owner?.graphs ?? new Set();
  };

  return {
    rootGraph: (type, field) => [...graphsOf(type, field)][0],
    holds: (graph, type, field) => graph === undefined || graphsOf(type, field).has(graph),
    isEntity: (type) => types.get(type)?.isEntity ?? false,
    costOf: (type, field) => types.get(type)?.fields.get(field)?.cost ?? 0,
    knows: (graph, type) => graph === undefined || (types.get(type)?.graphs.has(graph) ?? false),
  };
}
