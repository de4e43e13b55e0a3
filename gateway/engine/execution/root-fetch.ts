import { maskError, repeatAt } from '../masking/mask-error';
import type { FetchNode, PathElement } from '../planning/plan';
import type { ResultPath } from '../shaping/shaper';

import type { Execute, ExecutionParts } from './parts';
import { copyJson, isJson, mergeInto } from './json';
import { responseNamesOf } from './response-names';
import { compileRewrites } from './rewrites';
import { compileSender, maxErrorsPerFetch, variablesFor } from './sender';

/** A fetch of root fields. */
export function compileRootFetch(parts: ExecutionParts, node: FetchNode, path: readonly PathElement[]): Execute {
  const send = compileSender(parts, node);
  const rewriteOutput = compileRewrites(parts.schema, node.outputRewrites);
  // The fields that are null when the fetch fails as a whole; under a path they are not at the root.
  const names = path.length > 0 ? [] : responseNamesOf(node.operation);
  const only: ResultPath | undefined = names.length === 1 ? names : undefined;
  return async (run, objects) => {
    const report = (thrown: unknown, at: ResultPath | undefined): void => {
      run.errors.push(maskError({ thrown, requestId: run.context.requestId, subgraph: node.subgraph, path: at }, parts.log));
    };
    try {
      const { data, errors } = await send(run, variablesFor(node, run));
      if (errors) for (const error of errors.slice(0, maxErrorsPerFetch)) report(error, error.path ?? only);
      if (!isJson(data)) return;
      rewriteOutput?.(data);
      for (let index = 1; index < objects.length; index += 1) mergeInto(objects[index]!, copyJson(data));
      mergeInto(objects[0]!, data);
    } catch (thrown) {
      const [first, ...more] = names;
      report(thrown, first === undefined ? undefined : [first]);
      const reported = run.errors.at(-1)!;
      run.errors.push(...more.map((name) => repeatAt(reported, [name])));
    }
  };
}
