import { Arg, Ctx, FieldResolver, ID, Int, Resolver, Root, Subscription, type SubscribeResolverData } from 'type-graphql';

import type { RequestContext } from '#platform/graphql';

import { Session } from '../schema/session.type';
import { ChatEvent } from '../schema/turn.type';
import type { SessionService } from '../service/session.service';
import type { StreamService } from '../service/stream.service';

import { loadSession } from './references';

interface ChatEventsArgs {
  readonly sessionId: string;
  readonly after?: number | null;
}

export const createChatEventSubscription = (streams: StreamService, sessions: SessionService) => {
  @Resolver(() => ChatEvent)
  class ChatEventSubscription {
    @Subscription(() => ChatEvent, {
      description: 'Events of a conversation: those after a sequence, then live, with no gap and no duplicate.',
      // type-graphql asks for an AsyncIterable at once; graphql-js accepts the promise of one.
      subscribe: (({ args, context }: SubscribeResolverData<unknown, ChatEventsArgs, RequestContext>) =>
        streams.follow(context.caller, { sessionId: args.sessionId, after: args.after ?? 0, signal: context.signal })) as never,
    })
    chatEvents(
      @Arg('sessionId', () => ID, { description: 'The session.' }) _sessionId: string,
      @Arg('after', () => Int, {
        nullable: true,
        description: 'The last sequence already seen. Default 0: everything that is kept; -1: only what comes from now on.',
      })
      _after: number | null,
      @Root() event: ChatEvent,
    ): ChatEvent {
      return event;
    }

    @FieldResolver(() => Session, { nullable: true, description: 'The session.' })
    session(@Root() { sessionId }: ChatEvent, @Ctx() context: RequestContext): Promise<unknown> {
      return loadSession(sessions, context, sessionId);
    }
  }
  return ChatEventSubscription;
};
