import {
  getNamedType,
  isInterfaceType,
  isObjectType,
  isUnionType,
  Kind,
  type DocumentNode,
  type FieldNode,
  type GraphQLCompositeType,
  type GraphQLSchema,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql';

import type { Caller } from '#platform/auth';

import type { Conditions } from '../shaping/collect-fields';
import type { Protection, SupergraphDirectives } from '../supergraph-directives';

import { isSelected } from './fold-conditions';

/** A field that the caller may not see. */
export interface Withheld {
  /** Response names from the root; places in lists are not known when planning. */
  readonly path: readonly string[];
  readonly coordinate: string;
}

export interface Permitted {
  /** The document without the withheld fields. */
  readonly document: DocumentNode;
  readonly definition: OperationDefinitionNode;
  readonly withheld: readonly Withheld[];
}

const isNobody = (caller: Caller): boolean => caller.userId === '';

const holdsScope = (caller: Caller, scope: string): boolean =>
  caller.scopes === undefined || caller.scopes.includes(scope) || caller.scopes.includes(`${scope.split(':')[0]}:*`);

const mayPass = (caller: Caller, { needsLogin, scopeSets }: Protection): boolean => {
  if (needsLogin && isNobody(caller)) return false;
  return scopeSets === undefined || scopeSets.some((set) => set.every((scope) => holdsScope(caller, scope)));
};

/** What the decision depends on, so that plans are shared by callers who see the same. */
export const permissionKey = (caller: Caller): string =>
  isNobody(caller) ? '-' : caller.scopes === undefined ? '*' : [...caller.scopes].sort().join(' ');

/** Whether any field of the schema is protected; without one nothing has to be looked at. */
export const hasProtections = ({ protections }: SupergraphDirectives): boolean => protections.size > 0;

interface View {
  readonly schema: GraphQLSchema;
  readonly directives: SupergraphDirectives;
  readonly caller: Caller;
  /** How the operation's conditions are decided: what they leave out is not missed. */
  readonly conditions: Conditions;
}

/** Leaves out what `@authenticated` and `@requiresScopes` keep from this caller, before anything is planned or asked. */
export function withholdFields(view: View, document: DocumentNode, definition: OperationDefinitionNode): Permitted {
  const root = view.schema.getRootType(definition.operation);
  if (!root) return { document, definition, withheld: [] };
  const pruner = new Pruner(view, document);
  const selectionSet = pruner.selections(root, definition.selectionSet, []);
  if (pruner.withheld.length === 0) return { document, definition, withheld: [] };
  const reduced: OperationDefinitionNode = { ...definition, selectionSet };
  // Fragments were written out where they are used: what is withheld may differ by place.
  return { document: { ...document, definitions: [reduced] }, definition: reduced, withheld: pruner.withheld };
}

class Pruner {
  readonly withheld: Withheld[] = [];

  constructor(
    private readonly view: View,
    private readonly document: DocumentNode,
  ) {}

  selections(parent: GraphQLCompositeType, { selections }: SelectionSetNode, path: readonly string[]): SelectionSetNode {
    const kept = selections
      .filter((selection) => isSelected(selection, this.view.conditions))
      .flatMap((selection) => this.selection(parent, selection, path));
    // An empty selection is not valid, and the object is still asked for.
    return {
      kind: Kind.SELECTION_SET,
      selections: kept.length > 0 ? kept : [{ kind: Kind.FIELD, name: { kind: Kind.NAME, value: '__typename' } }],
    };
  }

  private selection(parent: GraphQLCompositeType, selection: SelectionNode, path: readonly string[]): SelectionNode[] {
    if (selection.kind === Kind.FIELD) return this.field(parent, selection, path);
    const fragment = selection.kind === Kind.INLINE_FRAGMENT ? selection : this.fragment(selection.name.value);
    if (!fragment) return [];
    const condition = fragment.typeCondition && this.view.schema.getType(fragment.typeCondition.name.value);
    const type = isObjectType(condition) || isInterfaceType(condition) || isUnionType(condition) ? condition : parent;
    return [
      {
        kind: Kind.INLINE_FRAGMENT,
        ...(fragment.typeCondition ? { typeCondition: fragment.typeCondition } : {}),
        directives: selection.directives,
        selectionSet: this.selections(type, fragment.selectionSet, path),
      },
    ];
  }

  private field(parent: GraphQLCompositeType, node: FieldNode, path: readonly string[]): SelectionNode[] {
    const definition = 'getFields' in parent ? parent.getFields()[node.name.value] : undefined;
    if (!definition) return [node];
    const at = [...path, node.alias?.value ?? node.name.value];
    const type = getNamedType(definition.type);
    const coordinate = `${parent.name}.${node.name.value}`;
    if (!this.mayRead(parent, node.name.value) || !this.passes(type.name)) {
      this.withheld.push({ path: at, coordinate });
      return [];
    }
    if (!node.selectionSet || !('getFields' in type || isUnionType(type))) return [node];
    return [{ ...node, selectionSet: this.selections(type as GraphQLCompositeType, node.selectionSet, at) }];
  }

  /** A field asked of an interface may come from any type that implements it: the strictest decides. */
  private mayRead(parent: GraphQLCompositeType, field: string): boolean {
    const owners = isInterfaceType(parent) ? [parent, ...this.view.schema.getPossibleTypes(parent)] : [parent];
    return owners.every((owner) => this.passes(`${owner.name}.${field}`) && this.passes(owner.name));
  }

  private passes(coordinate: string): boolean {
    return (this.view.directives.protections.get(coordinate) ?? []).every((protection) => mayPass(this.view.caller, protection));
  }

  private fragment(name: string) {
    for (const part of this.document.definitions) if (part.kind === Kind.FRAGMENT_DEFINITION && part.name.value === name) return part;
    return undefined;
  }
}
