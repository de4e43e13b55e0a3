import {
  isAbstractType,
  Kind,
  valueFromAST,
  GraphQLBoolean,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLCompositeType,
  type GraphQLSchema,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql';

/** Values of the Boolean variables that `@skip` and `@include` use. */
export type Conditions = Readonly<Record<string, boolean>>;

export interface SelectionScope {
  readonly schema: GraphQLSchema;
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  readonly conditions: Conditions;
  /** Where a field is in the merged data. @default its response name */
  readonly keyOf?: (field: FieldNode) => string;
}

const isIncluded = ({ directives }: SelectionNode, conditions: Conditions): boolean =>
  (directives ?? []).every(({ name, arguments: args }) => {
    if (name.value !== 'skip' && name.value !== 'include') return true;
    const condition = args?.find((argument) => argument.name.value === 'if')?.value;
    const holds = condition ? valueFromAST(condition, GraphQLBoolean, conditions) === true : false;
    return name.value === 'skip' ? !holds : holds;
  });

const applies = (schema: GraphQLSchema, runtimeType: GraphQLCompositeType, condition: string | undefined): boolean => {
  if (condition === undefined || condition === runtimeType.name) return true;
  const wanted = schema.getType(condition);
  if (!isAbstractType(wanted)) return false;
  return 'getFields' in runtimeType && schema.isSubType(wanted, runtimeType);
};

/** The fields asked of an object of this runtime type, by response name, in the order of the operation (spec §6.3.2). */
export function collectFields(
  scope: SelectionScope,
  runtimeType: GraphQLCompositeType,
  selectionSets: readonly SelectionSetNode[],
): Map<string, FieldNode[]> {
  const fields = new Map<string, FieldNode[]>();
  const visited = new Set<string>();
  const visit = (selectionSet: SelectionSetNode): void => {
    for (const selection of selectionSet.selections) {
      if (!isIncluded(selection, scope.conditions)) continue;
      if (selection.kind === Kind.FIELD) {
        const key = selection.alias?.value ?? selection.name.value;
        const known = fields.get(key);
        if (known) known.push(selection);
        else fields.set(key, [selection]);
        continue;
      }
      if (selection.kind === Kind.INLINE_FRAGMENT) {
        if (applies(scope.schema, runtimeType, selection.typeCondition?.name.value)) visit(selection.selectionSet);
        continue;
      }
      const name = selection.name.value;
      const fragment = scope.fragments.get(name);
      if (!fragment || visited.has(name)) continue;
      visited.add(name);
      if (applies(scope.schema, runtimeType, fragment.typeCondition.name.value)) visit(fragment.selectionSet);
    }
  };
  selectionSets.forEach(visit);
  return fields;
}
