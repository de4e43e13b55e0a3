import { createSourceEventStream, execute, type ExecutionArgs, type ExecutionResult } from 'graphql';

import { replayedAs } from '#platform/events';
import { createRequestContext, type RequestContext } from '#platform/graphql';

import { mapEvents } from '../execution/event-stream';

type Stream = AsyncIterableIterator<ExecutionResult>;

/**
 * What graphql-js's `subscribe` does, in two ways different: the results of replayed events are marked, and each event is executed
 * with a context of its own, whose loaders know nothing of the event before.
 */
export async function subscribeEvents(args: ExecutionArgs & { readonly contextValue: RequestContext }): Promise<Stream | ExecutionResult> {
  const source = await createSourceEventStream(args);
  if (!(Symbol.asyncIterator in source)) return source;
  return mapEvents(source[Symbol.asyncIterator](), {
    map: async (payload) => {
      const contextValue = createRequestContext(args.contextValue);
      return replayedAs(payload, await execute({ ...args, rootValue: payload, contextValue }));
    },
    lost: (thrown) => {
      throw thrown;
    },
  });
}
