import { Directive } from 'type-graphql';

export interface RestRoute {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Under `/api/<version>`. Path parameters are `:name`, named after an argument or input field in snake_case. */
  readonly path: string;
  /** Status of a success. @default 200 */
  readonly status?: number;
  /** Groups the route in the OpenAPI document. */
  readonly tags?: readonly string[];
  /** How deep the answer's selection goes; deeper fields are left to GraphQL. @default 4 */
  readonly depth?: number;
  /** API versions that serve the route. @default ['v1'] */
  readonly versions?: readonly string[];
  /** True where `null` is an ordinary answer and not a 404. @default false */
  readonly nullable?: boolean;
}

const literal = (value: unknown): string => (Array.isArray(value) ? `[${value.map(literal).join(', ')}]` : JSON.stringify(value));

/** Gives a query or mutation its place in the REST facade. Carried through composition by `@composeDirective`. */
export const Rest = (route: RestRoute): PropertyDecorator & MethodDecorator => {
  const entries = Object.entries(route).filter(([, value]) => value !== undefined);
  return Directive(`@rest(${entries.map(([name, value]) => `${name}: ${literal(value)}`).join(', ')})`);
};

/** Demand control by the IBM cost specification: what resolving this field costs beyond its type. */
export const Cost = (weight: number): PropertyDecorator & MethodDecorator => Directive(`@cost(weight: ${weight})`);

export const restDirectiveDefinition =
  'directive @rest(method: String!, path: String!, status: Int, tags: [String!], depth: Int, versions: [String!], nullable: Boolean) repeatable on FIELD_DEFINITION';

/** Federation and Parley features that every subgraph may use. */
export const subgraphHeader = `
extend schema
  @link(url: "https://specs.apollo.dev/federation/v2.9", import: [
    "@key", "@shareable", "@external", "@requires", "@provides", "@inaccessible", "@tag", "@override",
    "@interfaceObject", "@composeDirective", "@authenticated", "@requiresScopes", "@cost", "@listSize"
  ])
  @link(url: "https://parley.dev/rest/v1.0", import: ["@rest"])
  @composeDirective(name: "@rest")

${restDirectiveDefinition}
`;
