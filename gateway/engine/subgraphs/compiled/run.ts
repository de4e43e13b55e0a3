import {
  locatedError,
  responsePathAsArray,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLError,
  type GraphQLSchema,
  type OperationDefinitionNode,
  type ResponsePath,
} from 'graphql';

/** What is the same for every execution of one operation. */
export interface OperationFacts {
  readonly schema: GraphQLSchema;
  readonly operation: OperationDefinitionNode;
  readonly fragments: Readonly<Record<string, FragmentDefinitionNode>>;
}

/** Undefined is the root. */
export type Place = ResponsePath | undefined;

/** One execution of an operation. */
export class OperationRun {
  readonly errors: GraphQLError[] = [];
  private readonly nulled = new Set<Place>();

  constructor(
    readonly facts: OperationFacts,
    readonly context: unknown,
    readonly variables: Readonly<Record<string, unknown>>,
  ) {}

  /** What happens under a place that is null already is no longer part of the answer. */
  report(error: unknown, place: Place): void {
    for (let above = place; above; above = above.prev) if (this.nulled.has(above)) return;
    if (this.nulled.has(undefined)) return;
    this.nulled.add(place);
    this.errors.push(error as GraphQLError);
  }

  /** The value of a place where something failed: null, or the parent's failure where none may be. */
  fail(thrown: unknown, { nodes, isNullable }: FailingPlace, place: ResponsePath): null {
    const error = locatedError(thrown, nodes, responsePathAsArray(place));
    if (!isNullable) throw error;
    this.report(error, place);
    return null;
  }
}

export interface FailingPlace {
  readonly nodes: readonly FieldNode[];
  readonly isNullable: boolean;
}
