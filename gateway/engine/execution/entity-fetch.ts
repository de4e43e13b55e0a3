import { isInterfaceType, type GraphQLSchema } from 'graphql';

import { errors } from '#platform/errors';

import { maskError, repeatAt } from '../masking/mask-error';
import type { BatchFetchNode, FetchNode, PathElement, RequiredSelection, Rewrite } from '../planning/plan';
import type { ResultPath } from '../shaping/shaper';

import type { Execute, ExecutionParts } from './parts';
import { addPathsOfObjects, compilePath, type SelectObjects } from './entity-paths';
import { markGone } from './gone';
import { isJson, mergeCopyInto, mergeInto, type Json } from './json';
import { KnownRepresentations } from './known-representations';
import { compileRepresentation, type Represent } from './representations';
import { compileRewrites, type ApplyRewrites } from './rewrites';
import type { Run } from './run';
import { compileSender, maxErrorsPerFetch, parseFetch, variablesFor, type Fetched } from './sender';

interface GroupSpec {
  readonly alias: string;
  readonly variable: string;
  readonly select: SelectObjects;
  /** From the root, to place errors. */
  readonly paths: readonly (readonly PathElement[])[];
  readonly requires: readonly RequiredSelection[];
  readonly inputRewrites?: readonly Rewrite[];
  readonly outputRewrites?: readonly Rewrite[];
}

export interface EntityFetchSpec extends Fetched {
  readonly variableUsages: readonly string[];
  readonly groups: readonly GroupSpec[];
}

export const entityFetchOf = (node: FetchNode, path: readonly PathElement[]): EntityFetchSpec => ({
  ...node,
  groups: [
    {
      ...node,
      requires: node.requires ?? [],
      alias: '_entities',
      variable: 'representations',
      select: (objects) => objects,
      paths: [path],
    },
  ],
});

export const batchFetchOf = (schema: GraphQLSchema, node: BatchFetchNode, path: readonly PathElement[]): EntityFetchSpec => ({
  ...node,
  operationKind: 'query',
  groups: node.groups.map((group) => {
    const selects = group.paths.map((below) => compilePath(schema, below));
    return {
      ...group,
      select: (objects) => selects.flatMap((select) => select(objects)),
      paths: group.paths.map((below) => [...path, ...below]),
    };
  }),
});

interface Group extends GroupSpec {
  readonly represent: Represent;
  readonly rewriteInput?: ApplyRewrites;
  readonly rewriteOutput?: ApplyRewrites;
}

/** What one group asks for in one run, and for whom. */
interface Asked {
  readonly group: Group;
  readonly representations: Json[];
  /** The objects that each representation stands for; several where equal ones are sent once. */
  readonly owners: Json[][];
}

/** A fetch of entities that are known already, by their keys. */
export function compileEntityFetch(parts: ExecutionParts, spec: EntityFetchSpec): Execute {
  const send = compileSender(parts, spec, parseFetch(spec));
  const isInterface = (typename: string): boolean => isInterfaceType(parts.schema.getType(typename));
  const isRemote = parts.subgraphs.get(spec.subgraph)?.isRemote === true;
  const groups = spec.groups.map((group): Group => ({
    ...group,
    represent: compileRepresentation(parts.schema, group.requires),
    rewriteInput: compileRewrites(parts.schema, group.inputRewrites),
    rewriteOutput: compileRewrites(parts.schema, group.outputRewrites),
  }));

  return async (run, objects) => {
    const asked = groups.map((group) => ask(group, { run, objects, isRemote }));
    if (asked.every(({ representations }) => representations.length === 0)) return;
    const report = errorReporter(parts, { spec, run, asked });
    try {
      const variables = variablesFor(spec, run);
      for (const { group, representations } of asked) variables[group.variable] = representations;
      const result = await send(run, variables);
      if (result.errors) for (const error of result.errors.slice(0, maxErrorsPerFetch)) report(error, error.path);
      const data = isJson(result.data) ? result.data : {};
      for (const answer of asked)
        receive(answer, { isInterface, data, hasErrors: Boolean(result.errors?.length), subgraph: spec.subgraph });
    } catch (thrown) {
      report(thrown, undefined);
      for (const { owners } of asked) owners.flat().forEach(markGone);
    }
  };
}

function ask(
  group: Group,
  { run, objects, isRemote }: { readonly run: Run; readonly objects: readonly Json[]; readonly isRemote: boolean },
): Asked {
  const representations: Json[] = [];
  const owners: Json[][] = [];
  const known = new KnownRepresentations(isRemote);
  for (const object of group.select(objects)) {
    const representation = group.represent(object, run.conditions);
    if (!representation || typeof representation.__typename !== 'string') continue;
    group.rewriteInput?.(representation);
    const index = known.indexOf(representation, representations.length);
    if (index < representations.length) {
      owners[index]!.push(object);
      continue;
    }
    representations.push(representation);
    owners.push([object]);
  }
  return { group, representations, owners };
}

interface Answer {
  readonly data: Json;
  readonly hasErrors: boolean;
  isInterface(typename: string): boolean;
  readonly subgraph: string;
}

function receive({ group, representations, owners }: Asked, { data, hasErrors, subgraph, isInterface }: Answer): void {
  if (representations.length === 0) return;
  const entities = data[group.alias];
  if (!Array.isArray(entities) || entities.length !== representations.length) {
    if (hasErrors) return owners.flat().forEach(markGone);
    throw errors.SERVICE_UNAVAILABLE({}, { cause: new Error(`${subgraph} gave no list of ${representations.length} entities`) });
  }
  for (let index = 0; index < entities.length; index += 1) {
    const entity: unknown = entities[index];
    const places = owners[index]!;
    if (!isJson(entity)) {
      places.forEach(markGone);
      continue;
    }
    // A subgraph that has the type as an interface object answers with the interface; what the entity is stays known.
    if (typeof entity.__typename !== 'string' || isInterface(entity.__typename)) entity.__typename = places[0]!.__typename;
    group.rewriteOutput?.(entity);
    for (let place = 1; place < places.length; place += 1) mergeCopyInto(places[place]!, entity);
    mergeInto(places[0]!, entity);
  }
}

type Report = (thrown: unknown, path: readonly (string | number)[] | undefined) => void;

/** Errors come with places in `_entities`; the client's places are looked up when there is one to report. */
function errorReporter(
  parts: ExecutionParts,
  { spec, run, asked }: { readonly spec: EntityFetchSpec; readonly run: Run; readonly asked: readonly Asked[] },
): Report {
  let paths: Map<Json, ResultPath> | undefined;
  const pathOf = (object: Json): ResultPath => {
    if (!paths) {
      paths = new Map();
      for (const group of spec.groups) for (const path of group.paths) addPathsOfObjects(paths, run.root, path);
    }
    return paths.get(object) ?? [];
  };
  return (thrown, errorPath) => {
    const [alias, index, ...rest] = errorPath ?? [];
    const owners = asked.find(({ group }) => group.alias === alias)?.owners;
    const isPlaced = owners !== undefined && typeof index === 'number';
    const places = isPlaced ? (owners[index] ?? []) : asked.flatMap((answer) => answer.owners.flat()).slice(0, maxErrorsPerFetch);
    const [first, ...more] = places.map((object) => [...pathOf(object), ...(isPlaced ? rest : [])]);
    const error = maskError({ thrown, requestId: run.context.requestId, subgraph: spec.subgraph, path: first }, parts.log);
    run.errors.push(error, ...more.map((path) => repeatAt(error, path)));
  };
}
