import {
  isTypeDefinitionNode,
  Kind,
  parse,
  print,
  type ConstDirectiveNode,
  type DefinitionNode,
  type FieldDefinitionNode,
  type InterfaceTypeDefinitionNode,
  type ObjectTypeDefinitionNode,
  type TypeDefinitionNode,
  type TypeNode,
  type UnionTypeDefinitionNode,
} from 'graphql';

import { directiveOf, directiveText, graphNames, inGraphs, valueInGraphs } from './join-spec';

export interface SharedMembers {
  /** The supergraph to plan by. */
  readonly sdl: string;
  /** By subgraph: types that it was said to have and has not. */
  readonly foreign: ReadonlyMap<string, ReadonlySet<string>>;
}

type Abstract = InterfaceTypeDefinitionNode | UnionTypeDefinitionNode;

const namedType = (type: TypeNode): string => (type.kind === Kind.NAMED_TYPE ? type.name.value : namedType(type.type));
const isAbstract = ({ kind }: DefinitionNode): boolean => kind === Kind.INTERFACE_TYPE_DEFINITION || kind === Kind.UNION_TYPE_DEFINITION;
const builtIn = new Set(['Int', 'Float', 'String', 'ID', 'Boolean']);

/**
 * Where several subgraphs resolve a field of a union, planners ask nobody for a member that one of them does not have: whoever
 * resolves the field, they hold, could not give it. Yet the subgraph that is asked may. So the planner is told that each has the
 * members without keys of all, and what a subgraph does not know is left out of what it is sent. Null where there is no such field.
 */
export function shareMembers(supergraphSdl: string): SharedMembers | null {
  const document = parse(supergraphSdl, { noLocation: true });
  const sharing = new MemberSharing(document.definitions);
  for (const definition of document.definitions) if (isAbstract(definition)) sharing.level(definition as Abstract);
  if (sharing.added.size === 0) return null;
  const names = graphNames(document);
  const foreign = new Map([...sharing.added].map(([graph, types]) => [names.get(graph) ?? graph, types]));
  return { sdl: print({ ...document, definitions: document.definitions.map((definition) => sharing.widened(definition)) }), foreign };
}

class MemberSharing {
  /** By graph. */
  readonly added = new Map<string, Set<string>>();
  private readonly types = new Map<string, TypeDefinitionNode>();
  private readonly memberships = new Map<string, ConstDirectiveNode[]>();

  constructor(definitions: readonly DefinitionNode[]) {
    for (const definition of definitions) if (isTypeDefinitionNode(definition)) this.types.set(definition.name.value, definition);
  }

  level(abstract: Abstract): void {
    const name = abstract.name.value;
    if (!this.isSharedSomewhere(name)) return;
    for (const graph of this.graphsOf(name))
      for (const member of this.membersOf(abstract))
        if (!this.graphsOf(member).has(graph) && this.add(member, graph)) this.join(abstract, member, graph);
  }

  widened(definition: DefinitionNode): DefinitionNode {
    if (!isTypeDefinitionNode(definition)) return definition;
    const name = definition.name.value;
    const graphs = [...this.added].flatMap(([graph, types]) => (types.has(name) ? [graph] : []));
    const more = [
      ...graphs.map((graph) => directiveOf('join__type', { graph: { kind: Kind.ENUM, value: graph } })),
      ...(this.memberships.get(name) ?? []),
    ];
    if (more.length === 0) return definition;
    const widened: TypeDefinitionNode = { ...definition, directives: [...(definition.directives ?? []), ...more] };
    if (widened.kind === Kind.OBJECT_TYPE_DEFINITION)
      return { ...widened, fields: widened.fields?.map((field) => inGraphs(field, graphs)) };
    if (widened.kind === Kind.ENUM_TYPE_DEFINITION)
      return { ...widened, values: widened.values?.map((value) => valueInGraphs(value, graphs)) };
    return widened;
  }

  private graphsOf(type: string): ReadonlySet<string> {
    const own = (this.types.get(type)?.directives ?? []).filter(({ name }) => name.value === 'join__type');
    return new Set(own.map((directive) => directiveText(directive, 'graph') ?? ''));
  }

  private membersOf(abstract: Abstract): string[] {
    if (abstract.kind === Kind.UNION_TYPE_DEFINITION) return abstract.types?.map(({ name }) => name.value) ?? [];
    return [...this.types.values()].flatMap((type) =>
      type.kind === Kind.OBJECT_TYPE_DEFINITION && type.interfaces?.some(({ name }) => name.value === abstract.name.value)
        ? [type.name.value]
        : [],
    );
  }

  private isSharedSomewhere(abstract: string): boolean {
    return [...this.types.values()].some(
      (type) =>
        type.kind === Kind.OBJECT_TYPE_DEFINITION &&
        type.fields?.some((field) => namedType(field.type) === abstract && this.resolversOf(type, field) > 1),
    );
  }

  private resolversOf(type: ObjectTypeDefinitionNode, { directives = [] }: FieldDefinitionNode): number {
    const own = directives.filter(({ name }) => name.value === 'join__field');
    const isExternal = (directive: ConstDirectiveNode): boolean =>
      directive.arguments?.some(({ name }) => name.value === 'external') === true;
    return own.length === 0 ? this.graphsOf(type.name.value).size : own.filter((directive) => !isExternal(directive)).length;
  }

  /** False where the type can be asked for by a key, so that planners find their way, or where it needs what can't be added. */
  private add(type: string, graph: string): boolean {
    if (this.types.get(type)?.directives?.some((directive) => directiveText(directive, 'key'))) return false;
    const lacking = new Set<string>();
    if (!this.collect(type, graph, lacking)) return false;
    this.added.set(graph, new Set([...(this.added.get(graph) ?? []), ...lacking]));
    return true;
  }

  /** The type and what its fields lead to, so far as the graph does not have it. */
  private collect(type: string, graph: string, lacking: Set<string>): boolean {
    if (builtIn.has(type) || lacking.has(type) || this.graphsOf(type).has(graph)) return true;
    const definition = this.types.get(type);
    if (definition?.kind === Kind.SCALAR_TYPE_DEFINITION || definition?.kind === Kind.ENUM_TYPE_DEFINITION)
      return Boolean(lacking.add(type));
    if (definition?.kind !== Kind.OBJECT_TYPE_DEFINITION) return false;
    lacking.add(type);
    const needed = (definition.fields ?? []).flatMap((field) => [field.type, ...(field.arguments ?? []).map((argument) => argument.type)]);
    return needed.every((inner) => this.collect(namedType(inner), graph, lacking));
  }

  private join(abstract: Abstract, member: string, graph: string): void {
    const inGraph = { graph: { kind: Kind.ENUM, value: graph } } as const;
    const isUnion = abstract.kind === Kind.UNION_TYPE_DEFINITION;
    const [owner, directive] = isUnion
      ? [abstract.name.value, directiveOf('join__unionMember', { ...inGraph, member: { kind: Kind.STRING, value: member } })]
      : [member, directiveOf('join__implements', { ...inGraph, interface: { kind: Kind.STRING, value: abstract.name.value } })];
    this.memberships.set(owner, [...(this.memberships.get(owner) ?? []), directive]);
  }
}
