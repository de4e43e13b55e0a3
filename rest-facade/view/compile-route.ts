import { getNamedType, type GraphQLField, type GraphQLSchema } from 'graphql';

import { readDeprecation, type ApiVersion, type Deprecation } from '../routes/deprecation';
import type { RouteSpec } from '../routes/route-spec';
import { toWords } from '../names';
import type { Ownership } from './ownership';
import { writeOperation } from './operation';
import { readParameters, type Parameter } from './parameters';
import { compileReader, type Given, type VariablesRead } from './read-variables';
import { isSingleNullable, selectRoot, type Selection } from './selection';
import { compileShaper, type Shaper } from './shape-answer';

/** One route of one version: everything about it is decided here, once. */
export interface CompiledRoute {
  readonly spec: RouteSpec;
  readonly version: string;
  readonly field: GraphQLField<unknown, unknown>;
  readonly parameters: readonly Parameter[];
  readonly selection: Selection;
  /** The GraphQL operation, over the API schema. */
  readonly operation: string;
  readonly operationName: string;
  read(given: Given): VariablesRead;
  /** Undefined where the result needs no change. */
  readonly shape: Shaper | undefined;
  readonly deprecation: Deprecation | undefined;
  /** A null is NOT_FOUND, of this kind. */
  readonly missingKind: string | undefined;
  /** The body field that `If-Match` fills. */
  readonly versionParameter: Parameter | undefined;
}

export interface RouteCompiler {
  readonly schema: GraphQLSchema;
  readonly ownership: Ownership;
}

export function compileRoute({ schema, ownership }: RouteCompiler, spec: RouteSpec, version: ApiVersion): CompiledRoute {
  const root = spec.kind === 'query' ? schema.getQueryType() : schema.getMutationType();
  const field = root?.getFields()[spec.field];
  if (!root || !field) throw new Error(`@rest names ${spec.kind} ${spec.field}, which the API schema does not have.`);
  const parameters = readParameters(spec, field);
  const rules = {
    schema,
    ownership,
    graph: ownership.rootGraph(root.name, spec.field),
    depth: spec.depth,
    hidesDeprecated: version.hidesDeprecated ?? false,
  };
  const selection = selectRoot(rules, field);
  return {
    spec,
    version: version.name,
    field,
    parameters,
    selection,
    operation: writeOperation(spec, field, selection),
    operationName: `rest_${spec.field}`,
    read: compileReader(parameters),
    shape: compileShaper(selection),
    deprecation: readDeprecation(field.deprecationReason),
    missingKind: !spec.nullable && isSingleNullable(field) ? toWords(getNamedType(field.type).name) : undefined,
    versionParameter: parameters.find(({ key, in: place }) => place !== 'path' && (key === 'expected_version' || key === 'if_match')),
  };
}
