import {
  GraphQLNonNull,
  GraphQLObjectType,
  GraphQLSchema,
  GraphQLString,
  isInputObjectType,
  getNamedType,
  type GraphQLFieldConfig,
} from 'graphql';

import { toSnake } from '../names';
import type { CompiledRoute } from './compile-route';
import type { Parameter } from './parameters';
import { createSignatures, nameShapes } from './type-names';
import { createViewTypes, nullable, type ViewTypes } from './view-types';

export interface View {
  /** The snake_case schema that REST clients see: one root field per route, inputs flattened, connections as pages, enums in lower case. */
  readonly schema: GraphQLSchema;
  /** Root field of the view → its route. */
  readonly routes: ReadonlyMap<string, CompiledRoute>;
}

/** The view of one version. SOFA reads it to make the routes and the OpenAPI document. */
export function buildView(routes: readonly CompiledRoute[], api: GraphQLSchema): View {
  const sign = createSignatures();
  const selections = routes.map(({ selection }) => selection);
  const inputs = Object.values(api.getTypeMap()).filter(isInputObjectType);
  const types = createViewTypes(sign, nameShapes(selections, sign, new Set(['Query', 'Mutation', ...inputs.map(({ name }) => name)])));

  const named = new Map<string, CompiledRoute>();
  const roots = {
    query: new Map<string, GraphQLFieldConfig<unknown, unknown>>(),
    mutation: new Map<string, GraphQLFieldConfig<unknown, unknown>>(),
  };
  for (const route of routes) {
    const name = freeName(toSnake(route.spec.field), named);
    named.set(name, route);
    roots[route.spec.kind].set(name, toField(route, types));
  }
  // A schema needs a query; this one is no route.
  if (roots.query.size === 0) roots.query.set(placeholder, { type: GraphQLString });
  const mutation =
    roots.mutation.size > 0 ? new GraphQLObjectType({ name: 'Mutation', fields: Object.fromEntries(roots.mutation) }) : undefined;
  return {
    schema: new GraphQLSchema({ query: new GraphQLObjectType({ name: 'Query', fields: Object.fromEntries(roots.query) }), mutation }),
    routes: named,
  };
}

const placeholder = 'nothing';

function toField({ field, parameters, selection }: CompiledRoute, types: ViewTypes): GraphQLFieldConfig<unknown, unknown> {
  return {
    type: types.output(field.type, selection),
    description: field.description,
    deprecationReason: field.deprecationReason,
    args: Object.fromEntries(parameters.map((parameter) => [parameter.key, toArgument(parameter, types)])),
  };
}

function toArgument({ type, required, defaultValue, description, paging }: Parameter, types: ViewTypes) {
  const inner = nullable(types.input(type));
  const shown = paging === 'limit' ? 20 : isInputObjectType(getNamedType(type)) ? undefined : defaultValue;
  return {
    type: required ? new GraphQLNonNull(inner as never) : inner,
    description,
    ...(shown === undefined || required ? {} : { defaultValue: shown }),
  };
}

const freeName = (wanted: string, used: ReadonlyMap<string, unknown>): string => {
  let name = wanted;
  for (let count = 2; used.has(name); count += 1) name = `${wanted}_${count}`;
  return name;
};
