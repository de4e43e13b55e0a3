/** One `@rest` of one field of the graph. */
export interface RouteSpec {
  readonly kind: 'query' | 'mutation';
  /** The field of Query or Mutation. */
  readonly field: string;
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Below `/api/<version>`, with `:name` parameters. */
  readonly path: string;
  /** Path parameter → the argument or input field that it means, in snake_case. */
  readonly aliases: Readonly<Record<string, string>>;
  readonly status: number;
  readonly tags: readonly string[];
  /** How many levels of objects the answer holds. */
  readonly depth: number;
  readonly versions: readonly string[];
  /** True where `null` is an ordinary answer and not a 404. */
  readonly nullable: boolean;
}
