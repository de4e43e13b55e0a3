import { Arg, Ctx, FieldResolver, ID, Int, Resolver, Root, Subscription, type SubscribeResolverData } from 'type-graphql';

import type { RequestContext } from '#platform/graphql';

import { AgentEvent, AgentRun } from '../schema/run.type';
import { Session } from '../schema/stubs';
import type { RunService } from '../service/run.service';
import type { StreamService, StreamTarget } from '../service/stream.service';

import { loadRun } from './references';

type AgentEventsArgs = StreamTarget & { readonly after?: number | null };

export const createAgentEventSubscription = (streams: StreamService, runs: RunService) => {
  @Resolver(() => AgentEvent)
  class AgentEventSubscription {
    @Subscription(() => AgentEvent, {
      description: 'Events of one of your sessions, of your session with an agent, or of a run: those after a sequence, then live, with no gap and no duplicate.',
      // type-graphql asks for an AsyncIterable at once; graphql-js accepts the promise of one.
      subscribe: (({ args, context }: SubscribeResolverData<unknown, AgentEventsArgs, RequestContext>) =>
        streams.follow(context.caller, { ...args, after: args.after ?? 0, signal: context.signal })) as never,
    })
    agentEvents(
      @Arg('sessionId', () => ID, { nullable: true, description: 'The session.' }) _sessionId: string | null,
      @Arg('agentId', () => ID, { nullable: true, description: 'The agent; your own session with it.' }) _agentId: string | null,
      @Arg('runId', () => ID, { nullable: true, description: 'A single run.' }) _runId: string | null,
      @Arg('after', () => Int, { nullable: true, description: 'The last sequence already seen. Default 0: everything that is kept.' }) _after: number | null,
      @Root() event: AgentEvent,
    ): AgentEvent {
      return event;
    }

    @FieldResolver(() => AgentRun, { nullable: true, description: 'The run as it is now.' })
    run(@Root() { runId }: AgentEvent, @Ctx() context: RequestContext): Promise<unknown> {
      return runId ? loadRun(runs, context, runId) : Promise.resolve(null);
    }

    @FieldResolver(() => Session, { nullable: true, description: 'The conversation, where the session is one.' })
    session(@Root() { sessionId }: AgentEvent): Session | null {
      return sessionId?.startsWith('sess-') ? { id: sessionId } : null;
    }
  }
  return AgentEventSubscription;
};
