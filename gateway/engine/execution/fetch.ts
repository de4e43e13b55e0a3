import { parse, type ExecutionResult } from 'graphql';

import { errors } from '#platform/errors';

import { maskError, repeatAt as again } from '../masking/mask-error';
import type { FetchNode, PathElement } from '../planning/plan';
import type { ResultPath } from '../shaping/shaper';
import type { SubgraphRequest } from '../types';

import type { Execute, ExecutionParts } from './compile-plan';
import { pathsOfObjects } from './entity-paths';
import { copyJson, isJson, mergeInto, type Json } from './json';
import { compileRepresentation } from './representations';
import { compileRewrites } from './rewrites';
import type { Run } from './run';
import { responseNamesOf } from './response-names';

type Send = (run: Run, variables: Record<string, unknown>) => Promise<ExecutionResult>;

/** Past this many, further errors of one fetch say nothing new. */
const maxErrorsPerFetch = 50;

export function compileFetch(parts: ExecutionParts, node: FetchNode, path: readonly PathElement[]): Execute {
  return node.requires ? entityFetch(parts, node, path) : rootFetch(parts, node, path);
}

export const variablesFor = (node: FetchNode, run: Run): Record<string, unknown> => {
  const variables: Record<string, unknown> = {};
  for (const name of node.variableUsages) {
    const value = run.variables[name];
    if (value !== undefined) variables[name] = value;
  }
  return variables;
};

function sender(parts: ExecutionParts, node: FetchNode): Send {
  const document = parse(node.operation, { noLocation: true });
  const { operationName, operation: source, subgraph: name, operationKind } = node;
  return async (run, variables) => {
    const subgraph = parts.subgraphs.get(name);
    if (!subgraph) throw errors.SERVICE_UNAVAILABLE({}, { cause: new Error(`no subgraph named ${name}`) });
    run.context.signal.throwIfAborted();
    const ended = parts.observer.fetchStarted?.({ subgraph: name, operationKind, run });
    let failed = true;
    try {
      const request: SubgraphRequest = { document, source, operationName, operationKind, variables, context: run.context };
      const result = await subgraph.execute(request);
      failed = result.errors !== undefined && result.errors.length > 0;
      return result;
    } finally {
      ended?.(failed);
    }
  };
}

function rootFetch(parts: ExecutionParts, node: FetchNode, path: readonly PathElement[]): Execute {
  const send = sender(parts, node);
  const rewriteOutput = compileRewrites(parts.schema, node.outputRewrites);
  const names = responseNamesOf(node.operation);
  return async (run, objects) => {
    const report = (thrown: unknown, at: ResultPath | undefined): void => {
      run.errors.push(maskError({ thrown, requestId: run.context.requestId, subgraph: node.subgraph, path: at }, parts.log));
    };
    try {
      const result = await send(run, variablesFor(node, run));
      if (result.errors) for (const error of result.errors.slice(0, maxErrorsPerFetch)) report(error, error.path ?? (names.length === 1 ? names : undefined));
      if (!isJson(result.data)) return;
      rewriteOutput?.(result.data);
      objects.forEach((object, index) => mergeInto(object, index === 0 ? (result.data as Json) : copyJson(result.data as Json)));
    } catch (thrown) {
      if (path.length > 0 || names.length === 0) report(thrown, undefined);
      else names.forEach((name, index) => (index === 0 ? report(thrown, [name]) : run.errors.push(again(run.errors.at(-1)!, [name]))));
    }
  };
}

function entityFetch(parts: ExecutionParts, node: FetchNode, path: readonly PathElement[]): Execute {
  const send = sender(parts, node);
  const represent = compileRepresentation(parts.schema, node.requires ?? []);
  const rewriteInput = compileRewrites(parts.schema, node.inputRewrites);
  const rewriteOutput = compileRewrites(parts.schema, node.outputRewrites);
  const isRemote = parts.subgraphs.get(node.subgraph)?.isRemote === true;

  return async (run, objects) => {
    const representations: Json[] = [];
    // Which entities each representation stands for; several where equal ones are sent once.
    const owners: Json[][] = [];
    const known = isRemote ? new Map<string, number>() : undefined;
    for (const object of objects) {
      const representation = represent(object);
      if (!representation || typeof representation.__typename !== 'string') continue;
      rewriteInput?.(representation);
      if (known) {
        const key = JSON.stringify(representation);
        const index = known.get(key);
        if (index !== undefined) {
          owners[index]!.push(object);
          continue;
        }
        known.set(key, representations.length);
      }
      representations.push(representation);
      owners.push([object]);
    }
    if (representations.length === 0) return;

    let paths: Map<Json, ResultPath> | undefined;
    const report = (thrown: unknown, errorPath: readonly (string | number)[] | undefined): void => {
      paths ??= pathsOfObjects(run.root, path);
      const index = errorPath?.[1];
      const places = typeof index === 'number' ? (owners[index] ?? []) : owners.flat().slice(0, maxErrorsPerFetch);
      const rest = typeof index === 'number' ? (errorPath?.slice(2) ?? []) : [];
      const [first, ...more] = places.map((object) => [...(paths!.get(object) ?? []), ...rest]);
      const error = maskError({ thrown, requestId: run.context.requestId, subgraph: node.subgraph, path: first }, parts.log);
      run.errors.push(error, ...more.map((at) => again(error, at)));
    };

    try {
      const variables = variablesFor(node, run);
      variables.representations = representations;
      const result = await send(run, variables);
      if (result.errors) for (const error of result.errors.slice(0, maxErrorsPerFetch)) report(error, error.path);
      if (!isJson(result.data)) return;
      const entities = result.data._entities;
      if (!Array.isArray(entities) || entities.length !== representations.length) {
        if (result.errors?.length) return;
        throw errors.SERVICE_UNAVAILABLE({}, { cause: new Error(`${node.subgraph} gave no list of ${representations.length} entities`) });
      }
      for (let index = 0; index < entities.length; index += 1) {
        const entity: unknown = entities[index];
        if (!isJson(entity)) continue;
        const places = owners[index]!;
        entity.__typename ??= places[0]!.__typename;
        rewriteOutput?.(entity);
        for (let place = 1; place < places.length; place += 1) mergeInto(places[place]!, copyJson(entity));
        mergeInto(places[0]!, entity);
      }
    } catch (thrown) {
      report(thrown, undefined);
    }
  };
}
