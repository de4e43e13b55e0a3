import { Arg, Args, Ctx, FieldResolver, ID, Int, Mutation, Query, Resolver, Root } from 'type-graphql';

import { readPage, Rest, toConnection, type Connection, type RequestContext } from '#platform/graphql';
import { errors } from '#platform/errors';

import { HistoryArgs } from '../schema/history.args';
import { ChatFeedback, Message, MessageConnection } from '../schema/message.type';
import { Session } from '../schema/session.type';
import { LlmUsage, SqlQuery } from '../schema/stubs';
import { GiveFeedbackInput } from '../schema/turn.input';
import { ChatSuggestions } from '../schema/turn.type';
import type { FeedbackKind, HistoryService } from '../service/history.service';
import type { Message as MessageValue, MessageRole as Role } from '../service/message';

import { loadSession } from './references';
import type { SessionService } from '../service/session.service';
import { shownMessage } from './shown-message';

const tags = ['Chat'];
const base = '/bi/chat/sessions/:session_id';

@Resolver(() => Message)
export class MessageResolver {
  constructor(
    private readonly history: HistoryService,
    private readonly sessions: SessionService,
  ) {}

  @Rest({ method: 'GET', path: `${base}/history`, tags })
  @Query(() => MessageConnection, { description: 'The messages of a conversation, oldest first.' })
  async chatHistory(
    @Args(() => HistoryArgs) { sessionId, role, ...pageArgs }: HistoryArgs,
    @Ctx() { caller }: RequestContext,
  ): Promise<Connection<Message>> {
    const scope = `chat-history:${caller.tenantId}:${sessionId}:${role ?? 'both'}`;
    const page = readPage(pageArgs, scope);
    const { items, total } = await this.history.list(caller, { sessionId, role: (role as Role | undefined) ?? null, page });
    return toConnection({ items: items.map(shownMessage), page, scope, totalCount: total, keyOf: ({ ordinal }) => [ordinal] });
  }

  @Rest({ method: 'GET', path: `${base}/suggestions`, tags })
  @Query(() => ChatSuggestions, { description: 'Follow-up questions for a conversation.' })
  async chatSuggestions(
    @Arg('sessionId', () => ID, { description: 'The session.' }) sessionId: string,
    @Arg('limit', () => Int, { nullable: true, description: 'How many at most; 1 to 20. Default 5.' }) limit: number | null,
    @Ctx() { caller, signal }: RequestContext,
  ): Promise<ChatSuggestions> {
    if (limit !== null && limit !== undefined && (limit < 1 || limit > 20))
      throw errors.INVALID_REQUEST({ what: 'limit', hint: 'ask for 1 to 20' }, { field: 'limit' });
    return { suggestions: [...(await this.history.suggestions(caller, { sessionId, limit: limit ?? 5, signal }))] };
  }

  @Rest({ method: 'POST', path: `${base}/messages/:message_id/feedback`, status: 201, tags })
  @Mutation(() => ChatFeedback, { description: 'Judges an answer. A correction becomes a candidate verified query.' })
  async giveFeedback(
    @Arg('input', () => GiveFeedbackInput, { description: 'The judgement.' }) input: GiveFeedbackInput,
    @Ctx() { caller }: RequestContext,
  ): Promise<ChatFeedback> {
    const row = await this.history.giveFeedback(caller, { ...input, kind: input.kind as FeedbackKind });
    return {
      id: row.id,
      messageId: row.message_id,
      kind: row.kind,
      rating: row.rating,
      correctedSql: row.corrected_sql,
      comment: row.comment,
      createdAt: row.created_at,
    };
  }

  @FieldResolver(() => ID, { description: 'The same as `id`, under the name that REST clients use.' })
  messageId(@Root() { id }: MessageValue): string {
    return id;
  }

  @FieldResolver(() => Session, { nullable: true, description: 'The session that it belongs to.' })
  session(@Root() { sessionId }: MessageValue, @Ctx() context: RequestContext): Promise<unknown> {
    return loadSession(this.sessions, context, sessionId);
  }

  @FieldResolver(() => SqlQuery, { nullable: true, description: 'The query behind the answer.' })
  query(@Root() { queryId }: MessageValue): SqlQuery | null {
    return queryId ? { id: queryId } : null;
  }

  @FieldResolver(() => LlmUsage, {
    nullable: true,
    description: 'What language models took to write the answer; null where none was asked. Shared by all attempts at the answer.',
  })
  usage(@Root() { id, role }: MessageValue): LlmUsage | null {
    return role === 'assistant' ? { id } : null;
  }
}
