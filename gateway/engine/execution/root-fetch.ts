import type { ExecutionResult } from 'graphql';

import { maskError, repeatAt } from '../masking/mask-error';
import type { FetchNode, PathElement } from '../planning/plan';
import type { ResultPath } from '../shaping/shaper';

import type { Execute, ExecutionParts } from './parts';
import { isWaiting } from './is-promise';
import { copyJson, isJson, mergeInto, type Json } from './json';
import { responseNamesOf } from './response-names';
import { compileRewrites } from './rewrites';
import type { Run } from './run';
import { compileSender, maxErrorsPerFetch, parseFetch, variablesFor } from './sender';

/** A fetch of root fields. */
export function compileRootFetch(parts: ExecutionParts, node: FetchNode, path: readonly PathElement[]): Execute {
  const document = parseFetch(node);
  const send = compileSender(parts, node, document);
  const rewriteOutput = compileRewrites(parts.schema, node.outputRewrites);
  // The fields that are null when the fetch fails as a whole; under a path they are not at the root.
  const names = path.length > 0 ? [] : responseNamesOf(document);
  const only: ResultPath | undefined = names.length === 1 ? names : undefined;
  const report = (run: Run, thrown: unknown, at: ResultPath | undefined): void => {
    run.errors.push(maskError({ thrown, requestId: run.context.requestId, subgraph: node.subgraph, path: at }, parts.log));
  };
  const receive = (run: Run, objects: readonly Json[], { data, errors }: ExecutionResult): void => {
    if (errors) for (const error of errors.slice(0, maxErrorsPerFetch)) report(run, error, error.path ?? only);
    if (!isJson(data)) return;
    rewriteOutput?.(data);
    for (let index = 1; index < objects.length; index += 1) mergeInto(objects[index]!, copyJson(data));
    mergeInto(objects[0]!, data);
  };
  const fail = (run: Run, thrown: unknown): void => {
    const [first, ...more] = names;
    report(run, thrown, first === undefined ? undefined : [first]);
    const reported = run.errors.at(-1)!;
    run.errors.push(...more.map((name) => repeatAt(reported, [name])));
  };
  return (run, objects) => {
    try {
      const answered = send(run, variablesFor(node, run));
      if (isWaiting(answered)) return answered.then((result) => receive(run, objects, result)).catch((thrown) => fail(run, thrown));
      receive(run, objects, answered);
    } catch (thrown) {
      fail(run, thrown);
    }
  };
}
