import {
  getNamedType,
  isCompositeType,
  isListType,
  isNonNullType,
  Kind,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLCompositeType,
  type GraphQLField,
  type GraphQLOutputType,
  type GraphQLSchema,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql';

import type { ListSize, SupergraphDirectives } from '../supergraph-directives';

type Variables = Readonly<Record<string, unknown>>;
/** A number where the operation alone decides; a function where list sizes come from variables. */
type Cost = number | ((variables: Variables) => number);

export type CostOf = (variables: Variables) => number;

export interface CostParts {
  readonly schema: GraphQLSchema;
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  readonly directives: SupergraphDirectives;
}

/** Lists of unknown length count as this many. */
const assumedListSize = 10;
const pageArguments = ['first', 'last', 'limit'];
const pageFields = ['edges', 'nodes', 'items'];
/** A write does more than a read of the same shape. */
const mutationWeight = 10;

const evaluate = (cost: Cost, variables: Variables): number => (typeof cost === 'number' ? cost : cost(variables));

const add = (costs: readonly Cost[]): Cost => {
  const fixed = costs.reduce<number>((sum, cost) => (typeof cost === 'number' ? sum + cost : sum), 0);
  const open = costs.filter((cost) => typeof cost === 'function');
  return open.length === 0 ? fixed : (variables) => open.reduce((sum, cost) => sum + cost(variables), fixed);
};

const multiply = (a: Cost, b: Cost): Cost => {
  if (typeof a === 'number' && typeof b === 'number') return a * b;
  return (variables) => evaluate(a, variables) * evaluate(b, variables);
};

/**
 * The cost of an operation by the IBM specification, as demand control of gateways has it: objects count 1, leaves nothing, both
 * times the sizes of the lists around them. Compiled with the plan; per request only list sizes from variables are left to multiply.
 */
export function compileCost(parts: CostParts, operation: OperationDefinitionNode): CostOf {
  const root = parts.schema.getRootType(operation.operation);
  if (!root) return () => 0;
  const cost = new CostCompiler(parts).selections(root, operation.selectionSet, undefined);
  const base = operation.operation === 'mutation' ? mutationWeight : 0;
  return (variables) => base + evaluate(cost, variables);
}

interface Sized {
  readonly fields: readonly string[];
  readonly size: Cost;
}

class CostCompiler {
  constructor(private readonly parts: CostParts) {}

  selections(type: GraphQLCompositeType, { selections }: SelectionSetNode, sized: Sized | undefined): Cost {
    return add(
      selections.map((selection): Cost => {
        if (selection.kind === Kind.FIELD) return this.field(type, selection, sized);
        const fragment = selection.kind === Kind.INLINE_FRAGMENT ? selection : this.parts.fragments.get(selection.name.value);
        if (!fragment) return 0;
        const condition = fragment.typeCondition && this.parts.schema.getType(fragment.typeCondition.name.value);
        return this.selections(isCompositeType(condition) ? condition : type, fragment.selectionSet, sized);
      }),
    );
  }

  private field(parent: GraphQLCompositeType, node: FieldNode, sized: Sized | undefined): Cost {
    const name = node.name.value;
    const definition = 'getFields' in parent ? parent.getFields()[name] : undefined;
    if (!definition) return 0;
    const coordinate = `${parent.name}.${name}`;
    const listSize = this.parts.directives.listSizes.get(coordinate);
    const type = getNamedType(definition.type);
    const pages = this.pages(definition, node, listSize);
    const own = this.weight(coordinate, type);
    const below = isCompositeType(type) && node.selectionSet ? this.selections(type, node.selectionSet, pages) : 0;
    return add([multiply(this.times(definition, { sized, pages, listSize }), add([own, below])), this.argumentWeights(coordinate, node)]);
  }

  private weight(coordinate: string, type: { readonly name: string }): number {
    const { weights } = this.parts.directives;
    return weights.get(coordinate) ?? weights.get(type.name) ?? (isCompositeType(this.parts.schema.getType(type.name)) ? 1 : 0);
  }

  private argumentWeights(coordinate: string, { arguments: given = [] }: FieldNode): number {
    return given.reduce((sum, { name }) => sum + (this.parts.directives.weights.get(`${coordinate}(${name.value})`) ?? 0), 0);
  }

  /** How many elements the field gives: by the page that it is part of, by its own arguments, or assumed. */
  private times(
    definition: GraphQLField<unknown, unknown>,
    { sized, pages, listSize }: { readonly sized?: Sized; readonly pages?: Sized; readonly listSize?: ListSize },
  ): Cost {
    if (!isList(definition.type)) return 1;
    if (sized?.fields.includes(definition.name)) return sized.size;
    if (listSize?.assumedSize !== undefined && !listSize.slicingArguments?.length) return listSize.assumedSize;
    return pages?.size ?? listSize?.assumedSize ?? assumedListSize;
  }

  private pages(definition: GraphQLField<unknown, unknown>, node: FieldNode, listSize: ListSize | undefined): Sized | undefined {
    const names = (listSize?.slicingArguments ?? pageArguments).filter((name) =>
      definition.args.some((argument) => argument.name === name),
    );
    if (names.length === 0) return undefined;
    const sizes = names.map((name): Cost | undefined => {
      const value = node.arguments?.find((argument) => argument.name.value === name)?.value;
      if (value?.kind === Kind.INT) return Math.max(0, Number(value.value));
      const fallback = definition.args.find((argument) => argument.name === name)?.defaultValue;
      const usual = typeof fallback === 'number' ? fallback : undefined;
      if (value?.kind !== Kind.VARIABLE) return usual;
      const variable = value.name.value;
      return (variables) => {
        const given = variables[variable];
        return typeof given === 'number' ? Math.max(0, given) : (usual ?? assumedListSize);
      };
    });
    const known = sizes.filter((size) => size !== undefined);
    const size: Cost =
      known.length === 0
        ? (listSize?.assumedSize ?? 2 * assumedListSize)
        : known.every((value) => typeof value === 'number')
          ? Math.max(...known)
          : (variables) => Math.max(...known.map((value) => evaluate(value, variables)));
    return { fields: listSize?.sizedFields ?? (isList(definition.type) ? [] : pageFields), size };
  }
}

const isList = (type: GraphQLOutputType): boolean => isListType(isNonNullType(type) ? type.ofType : type);
