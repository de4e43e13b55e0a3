import { Kind, parse, visit, type DefinitionNode, type DocumentNode } from 'graphql';

import { entityFieldsOf, onlyEntityFields } from './entity-operations';
import { directiveText, graphNames } from './join-spec';
import type { FetchNode, OperationPlan, PlanNode, RequiredSelection } from './plan';
import type { Planner } from './planner';

/** Of the interface objects of a supergraph, what the planner's merging of their fetches loses sight of. */
interface Requirements {
  /** By `subgraph:Type.field`: the names of the fields that it requires. */
  readonly needs: ReadonlyMap<string, readonly string[]>;
  /** By `subgraph:Type`: the names of the fields of its keys. */
  readonly keys: ReadonlyMap<string, ReadonlySet<string>>;
  /** Types behind interface objects that require something. */
  readonly members: ReadonlySet<string>;
}

const namesIn = (fieldSet: string): string[] => fieldSet.match(/[_A-Za-z]\w*/g) ?? [];

/** Names at the top of a field set, inside its fragments too. */
function topNamesIn(fieldSet: string): string[] {
  const names: string[] = [];
  const [operation] = parse(`{ ${fieldSet} }`, { noLocation: true }).definitions;
  if (operation) visit(operation, { Field: ({ name }) => (names.push(name.value), false) });
  return names;
}

const isEntity = (definition: DefinitionNode) =>
  definition.kind === Kind.OBJECT_TYPE_DEFINITION || definition.kind === Kind.INTERFACE_TYPE_DEFINITION ? definition : undefined;

function readRequirements(supergraphSdl: string): Requirements {
  const document = parse(supergraphSdl, { noLocation: true });
  const graphs = graphNames(document);
  const needs = new Map<string, readonly string[]>();
  const keys = new Map<string, Set<string>>();
  const interfaces = new Set<string>();
  for (const part of document.definitions) {
    const type = isEntity(part);
    for (const directive of type?.directives ?? []) {
      const isObject = directive.arguments?.some(
        ({ name, value }) => name.value === 'isInterfaceObject' && value.kind === Kind.BOOLEAN && value.value,
      );
      if (directive.name.value !== 'join__type' || !isObject) continue;
      const graph = directiveText(directive, 'graph') ?? '';
      const owner = `${graphs.get(graph) ?? graph}:${type!.name.value}`;
      keys.set(owner, new Set([...(keys.get(owner) ?? []), ...namesIn(directiveText(directive, 'key') ?? '')]));
      for (const { name, directives = [] } of type!.fields ?? [])
        for (const field of directives) {
          const required = directiveText(field, 'graph') === graph ? directiveText(field, 'requires') : undefined;
          if (required === undefined) continue;
          needs.set(`${owner}.${name.value}`, topNamesIn(required));
          interfaces.add(type!.name.value);
        }
    }
  }
  const members = document.definitions.flatMap((part) => {
    const type = isEntity(part);
    return type?.interfaces?.some(({ name }) => interfaces.has(name.value)) ? [type.name.value] : [];
  });
  return { needs, keys, members: new Set(members) };
}

/**
 * Where a client asks one member of an interface for a field that an interface object resolves and that requires something, the
 * reference planner requires it of every member, and has it fetched of that one only: the others then cannot be asked for
 * anything. So what requires different things is asked for apart. The planner itself where no interface object requires anything.
 */
export function splitByRequirements(planner: Planner, supergraphSdl: string): Planner {
  const requirements = readRequirements(supergraphSdl);
  if (requirements.needs.size === 0) return planner;
  return {
    name: planner.name,
    plan(request): OperationPlan {
      const plan = planner.plan(request);
      if (!plan.node || !asksOfMembers(request.document, requirements)) return plan;
      return { ...plan, node: split(plan.node, requirements) };
    },
  };
}

function asksOfMembers(document: DocumentNode, { members }: Requirements): boolean {
  let found = false;
  visit(document, {
    NamedType({ name }) {
      found ||= members.has(name.value);
    },
  });
  return found;
}

function split(node: PlanNode, requirements: Requirements): PlanNode {
  switch (node.kind) {
    case 'Sequence':
    case 'Parallel':
      return { ...node, nodes: node.nodes.map((child) => split(child, requirements)) };
    case 'Flatten':
      return { ...node, node: split(node.node, requirements) };
    case 'Condition':
      return {
        ...node,
        ...(node.ifClause ? { ifClause: split(node.ifClause, requirements) } : {}),
        ...(node.elseClause ? { elseClause: split(node.elseClause, requirements) } : {}),
      };
    case 'BatchFetch':
      return node;
    case 'Fetch':
      return splitFetch(node, requirements);
  }
}

function splitFetch(node: FetchNode, { needs, keys }: Requirements): PlanNode {
  if (!node.requires) return node;
  const groups = new Map<string, { readonly needs: readonly string[]; readonly fields: Set<string> }>();
  for (const field of entityFieldsOf(node.operation)) {
    const own = [...(needs.get(`${node.subgraph}:${field}`) ?? [])].sort();
    const group = groups.get(own.join(' ')) ?? { needs: own, fields: new Set<string>() };
    group.fields.add(field);
    groups.set(own.join(' '), group);
  }
  if (groups.size < 2) return node;
  const required = new Set([...groups.values()].flatMap((group) => group.needs));
  for (const [owner, names] of keys) if (owner.startsWith(`${node.subgraph}:`)) for (const name of names) required.delete(name);
  const nodes = [...groups.values()].map((group) => ({
    ...node,
    operation: onlyEntityFields(node.operation, group.fields),
    requires: without(node.requires!, (name) => required.has(name) && !group.needs.includes(name)),
  }));
  return { kind: 'Parallel', nodes };
}

const without = (selections: readonly RequiredSelection[], isOthers: (name: string) => boolean): RequiredSelection[] =>
  selections.flatMap((selection): RequiredSelection[] => {
    if (selection.kind === 'Field') return isOthers(selection.name) ? [] : [selection];
    return [{ ...selection, selections: without(selection.selections, isOthers) }];
  });
