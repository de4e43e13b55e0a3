import type { ExecutionResult, GraphQLError } from 'graphql';

import { errors } from '#platform/errors';
import { replayedAs } from '#platform/events';
import { createRequestContext } from '#platform/graphql';

import { failedAnswer, finishAnswer, type AnswerParts, type Started } from './answers';
import { mapEvents } from './execution/event-stream';
import { isJson, type Json } from './execution/json';
import type { Run } from './execution/run';
import { variablesFor } from './execution/sender';
import type { Stream } from './execution/shared-streams';
import { maskError } from './masking/mask-error';
import type { PrimaryFetch } from './operation/compile-operation';
import type { Subgraph } from './types';

export interface StreamParts extends AnswerParts {
  readonly subgraphs: ReadonlyMap<string, Subgraph>;
}

const isStream = (value: object): value is Stream => Symbol.asyncIterator in value;

/** Subscribes at the subgraph that owns the field, and runs the rest of the plan for each of its events. */
export async function startStream(
  started: Started,
  { fetch, document, rewriteOutput }: PrimaryFetch,
  parts: StreamParts,
): Promise<Stream | ExecutionResult> {
  const { compiled, run: first } = started;
  const { context } = first;
  const { log } = parts;
  const subgraph = parts.subgraphs.get(fetch.subgraph);
  if (!subgraph) throw errors.SERVICE_UNAVAILABLE({}, { cause: new Error(`no subgraph named ${fetch.subgraph}`) });
  const source = await subgraph.subscribe({
    document,
    source: fetch.operation,
    operationName: fetch.operationName,
    operationKind: 'subscription',
    variables: variablesFor(fetch, first),
    context,
  });
  const { requestId } = context;
  const maskAll = (result: ExecutionResult): GraphQLError[] =>
    (result.errors ?? []).map((thrown) => maskError({ thrown, requestId, subgraph: fetch.subgraph, path: thrown.path }, log));
  if (!isStream(source)) return { errors: maskAll(source) };

  const map = async (event: ExecutionResult): Promise<ExecutionResult> => {
    const root: Json = isJson(event.data) ? event.data : {};
    // Loaders cache for as long as their context lives: each event has its own, or it would show old entities.
    const run: Run = { ...first, context: createRequestContext(context), root, errors: maskAll(event) };
    try {
      rewriteOutput?.(root);
      await compiled.execute?.(run, [root]);
      return replayedAs(event, finishAnswer({ compiled, run }, parts));
    } catch (thrown) {
      return replayedAs(event, failedAnswer(thrown, context, log));
    }
  };
  const lost = (thrown: unknown): ExecutionResult => {
    // The log's reader fell behind: that is the client's pace, which its socket is told by a close code.
    if (thrown instanceof Error && thrown.name === 'StreamOverflow') throw thrown;
    return failedAnswer(thrown, context, log);
  };
  return mapEvents(source, { map, lost });
}
