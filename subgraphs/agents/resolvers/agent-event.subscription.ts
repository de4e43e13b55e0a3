import { Args, Ctx, FieldResolver, Resolver, Root, Subscription, type SubscribeResolverData } from 'type-graphql';

import type { RequestContext } from '#platform/graphql';

import { AgentEventsArgs } from '../schema/run.args';
import { AgentEvent, AgentRun } from '../schema/run.type';
import { Session } from '../schema/stubs';
import type { RunService } from '../service/run.service';
import type { StreamService } from '../service/stream.service';

import { loadRun } from './references';

export const createAgentEventSubscription = (streams: StreamService, runs: RunService) => {
  @Resolver(() => AgentEvent)
  class AgentEventSubscription {
    @Subscription(() => AgentEvent, {
      description:
        'Events of one of your sessions, of your session with an agent, or of a run: those after a sequence, then live, with no gap and no duplicate.',
      // type-graphql asks for an AsyncIterable at once; graphql-js accepts the promise of one.
      subscribe: (({ args, context }: SubscribeResolverData<unknown, AgentEventsArgs, RequestContext>) =>
        streams.follow(context.caller, { ...args, after: args.after ?? 0, signal: context.signal })) as never,
    })
    agentEvents(@Args(() => AgentEventsArgs) _args: AgentEventsArgs, @Root() event: AgentEvent): AgentEvent {
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
