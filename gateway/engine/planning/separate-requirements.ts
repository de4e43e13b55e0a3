import {
  Kind,
  parse,
  print,
  visit,
  type ArgumentNode,
  type ConstDirectiveNode,
  type DefinitionNode,
  type DocumentNode,
  type FieldDefinitionNode,
  type InterfaceTypeDefinitionNode,
  type ObjectTypeDefinitionNode,
  type SelectionSetNode,
  type TypeNode,
} from 'graphql';

/** A field with fixed arguments that stands in plans under a name of its own. */
export interface FixedField {
  readonly name: string;
  readonly arguments: readonly ArgumentNode[];
}

/** What resolving a field needs of its entity: dotted path as the subgraph expects it → name under which it is fetched. */
export type Needs = ReadonlyMap<string, string>;

export interface SeparatedRequirements {
  /** The supergraph to plan by. */
  readonly sdl: string;
  readonly fixedFields: ReadonlyMap<string, FixedField>;
  /** By `subgraph:Type.field`. */
  readonly needs: ReadonlyMap<string, Needs>;
}

type Composite = ObjectTypeDefinitionNode | InterfaceTypeDefinitionNode;

const isComposite = (definition: DefinitionNode): definition is Composite =>
  definition.kind === Kind.OBJECT_TYPE_DEFINITION || definition.kind === Kind.INTERFACE_TYPE_DEFINITION;

const text = (directive: ConstDirectiveNode, name: string): string | undefined => {
  const value = directive.arguments?.find((argument) => argument.name.value === name)?.value;
  return value?.kind === Kind.STRING || value?.kind === Kind.ENUM ? value.value : undefined;
};

const namedType = (type: TypeNode): string => (type.kind === Kind.NAMED_TYPE ? type.name.value : namedType(type.type));

/**
 * `@requires(fields: "price(currency: \"USD\")")` makes the reference planner fetch `price` under its own name, where it collides with
 * what a client or another `@requires` wants of `price`. So the planner is given a supergraph in which every such field with
 * arguments is a field of its own without arguments; plans are translated back. Null where no requirement has arguments.
 */
export function separateRequirements(supergraphSdl: string): SeparatedRequirements | null {
  const document = parse(supergraphSdl, { noLocation: true });
  const separator = new Separator(document);
  const directives = separator.rewriteRequirements();
  if (separator.fixedFields.size === 0) return null;
  return { sdl: print(separator.withFixedFields(directives)), fixedFields: separator.fixedFields, needs: separator.needs };
}

class Separator {
  readonly fixedFields = new Map<string, FixedField>();
  readonly needs = new Map<string, Needs>();
  private readonly types = new Map<string, Composite>();
  private readonly graphs = new Map<string, string>();
  /** Type → field → names of its fixed forms → subgraphs that require them. */
  private readonly additions = new Map<string, Map<string, Map<string, Set<string>>>>();
  /** `graph.name` of what key, requires and provides still mention by its plain name. */
  private readonly mentioned = new Set<string>();
  private readonly nameOf = new Map<string, string>();

  constructor(private readonly document: DocumentNode) {
    for (const definition of document.definitions) {
      if (isComposite(definition)) this.types.set(definition.name.value, definition);
      if (definition.kind !== Kind.ENUM_TYPE_DEFINITION || definition.name.value !== 'join__Graph') continue;
      for (const { name, directives = [] } of definition.values ?? []) {
        this.graphs.set(
          name.value,
          directives.map((directive) => text(directive, 'name')).find((found) => found !== undefined) ?? name.value,
        );
      }
    }
  }

  /** The document with fixed fields named in every `requires`. */
  rewriteRequirements(): DocumentNode {
    const rewriteField = (type: string, field: FieldDefinitionNode): FieldDefinitionNode => ({
      ...field,
      directives: field.directives?.map((directive) => this.rewriteDirective(`${type}.${field.name.value}`, type, directive)),
    });
    const rewriteType = (node: Composite): Composite => ({
      ...node,
      directives: node.directives?.map((directive) => this.rewriteDirective('', '', directive)),
      fields: node.fields?.map((field) => rewriteField(node.name.value, field)),
    });
    return {
      ...this.document,
      definitions: this.document.definitions.map((definition) => (isComposite(definition) ? rewriteType(definition) : definition)),
    };
  }

  withFixedFields(document: DocumentNode): DocumentNode {
    return {
      ...document,
      definitions: document.definitions.map((definition) => {
        if (!isComposite(definition)) return definition;
        const added = this.additions.get(definition.name.value);
        if (!added) return definition;
        const isInherited = (field: string): boolean =>
          (definition.interfaces ?? []).some(({ name }) => this.types.get(name.value)?.fields?.some((other) => other.name.value === field));
        const fields = (definition.fields ?? []).flatMap((field) => {
          const forms = [...(added.get(field.name.value) ?? [])];
          if (forms.length === 0) return [field];
          return [
            isInherited(field.name.value) ? field : this.withoutUnused(field),
            ...forms.map(([name, graphs]) => fixedForm(field, name, graphs)),
          ];
        });
        return { ...definition, fields };
      }),
    };
  }

  /** An external field that nothing in its subgraph mentions any more makes the subgraph invalid. */
  private withoutUnused(field: FieldDefinitionNode): FieldDefinitionNode {
    const isUnused = (directive: ConstDirectiveNode): boolean =>
      isExternal(directive) && !this.mentioned.has(`${text(directive, 'graph') ?? ''}.${field.name.value}`);
    return { ...field, directives: field.directives?.filter((directive) => !isUnused(directive)) };
  }

  private rewriteDirective(coordinate: string, type: string, directive: ConstDirectiveNode): ConstDirectiveNode {
    const graph = text(directive, 'graph');
    const requires = directive.name.value === 'join__field' ? text(directive, 'requires') : undefined;
    for (const name of `${text(directive, 'key') ?? ''} ${text(directive, 'provides') ?? ''}`.match(/[_A-Za-z]\w*/g) ?? [])
      this.mentioned.add(`${graph ?? ''}.${name}`);
    if (requires === undefined || graph === undefined) return directive;
    const needs = new Map<string, string>();
    const operation = parse(`{ ${requires} }`, { noLocation: true }).definitions[0]!;
    if (operation.kind !== Kind.OPERATION_DEFINITION) return directive;
    const rewritten = this.rewriteSelections(operation.selectionSet, { type, graph, path: '', needs });
    this.needs.set(`${this.graphs.get(graph) ?? graph}:${coordinate}`, needs);
    const value = print(rewritten)
      .replace(/\s+/g, ' ')
      .replace(/^\{ | \}$/g, '');
    return {
      ...directive,
      arguments: directive.arguments?.map((argument) =>
        argument.name.value === 'requires' ? { ...argument, value: { kind: Kind.STRING, value } } : argument,
      ),
    };
  }

  private rewriteSelections(
    { selections, ...rest }: SelectionSetNode,
    at: { readonly type: string; readonly graph: string; readonly path: string; readonly needs: Map<string, string> },
  ): SelectionSetNode {
    return {
      ...rest,
      selections: selections.map((selection) => {
        if (selection.kind === Kind.FRAGMENT_SPREAD) return selection;
        if (selection.kind === Kind.INLINE_FRAGMENT) {
          return {
            ...selection,
            selectionSet: this.rewriteSelections(selection.selectionSet, { ...at, type: selection.typeCondition?.name.value ?? at.type }),
          };
        }
        const name = selection.name.value;
        const path = at.path === '' ? name : `${at.path}.${name}`;
        const definition = this.types.get(at.type)?.fields?.find((field) => field.name.value === name);
        const fixed = definition && selection.arguments?.length ? this.fix(at, name, selection.arguments) : name;
        if (fixed === name) this.mentioned.add(`${at.graph}.${name}`);
        at.needs.set(path, fixed);
        const below =
          selection.selectionSet && definition
            ? this.rewriteSelections(selection.selectionSet, { ...at, type: namedType(definition.type), path })
            : selection.selectionSet;
        return {
          ...selection,
          name: { kind: Kind.NAME, value: fixed },
          ...(fixed === name ? {} : { arguments: [] }),
          ...(below ? { selectionSet: below } : {}),
        };
      }),
    };
  }

  /** One name for a field with these arguments, wherever it is required. */
  private fix({ type, graph }: { readonly type: string; readonly graph: string }, field: string, args: readonly ArgumentNode[]): string {
    const key = `${field}(${args
      .map((argument) => print(argument))
      .sort()
      .join(', ')})`;
    const name = this.nameOf.get(key) ?? `${field}__fixed${this.nameOf.size}`;
    this.nameOf.set(key, name);
    this.fixedFields.set(name, { name: field, arguments: args });
    for (const owner of this.withImplementations(type)) {
      const fields = this.additions.get(owner) ?? new Map<string, Map<string, Set<string>>>();
      const forms = fields.get(field) ?? new Map<string, Set<string>>();
      this.additions.set(owner, fields.set(field, forms.set(name, (forms.get(name) ?? new Set()).add(graph))));
    }
    return name;
  }

  private withImplementations(type: string): string[] {
    const implementing = [...this.types.values()].filter(({ interfaces = [] }) => interfaces.some(({ name }) => name.value === type));
    return [type, ...implementing.map(({ name }) => name.value)];
  }
}

const isExternal = (directive: ConstDirectiveNode): boolean =>
  directive.arguments?.some(({ name, value }) => name.value === 'external' && value.kind === Kind.BOOLEAN && value.value) === true;

/** The same field without its arguments: where it is resolved, and as an external one where it is required. */
const fixedForm = (field: FieldDefinitionNode, name: string, graphs: ReadonlySet<string>): FieldDefinitionNode => ({
  ...field,
  description: undefined,
  name: { kind: Kind.NAME, value: name },
  arguments: [],
  directives: field.directives?.filter(
    (directive) =>
      (directive.name.value === 'join__field' && (!isExternal(directive) || graphs.has(text(directive, 'graph') ?? ''))) ||
      directive.name.value === 'inaccessible',
  ),
});

/** Puts the real fields with their arguments back, each under the name that the plan has for it. */
export function withRealFields(operation: string, fixedFields: ReadonlyMap<string, FixedField>): string {
  if (![...fixedFields.keys()].some((name) => operation.includes(name))) return operation;
  return print(
    visit(parse(operation, { noLocation: true }), {
      Field(node) {
        const fixed = fixedFields.get(node.name.value);
        if (!fixed) return undefined;
        return { ...node, alias: node.alias ?? node.name, name: { kind: Kind.NAME, value: fixed.name }, arguments: fixed.arguments };
      },
    }),
  );
}
