import { Arg, Args, Ctx, FieldResolver, ID, Int, Mutation, Query, Resolver, Root } from 'type-graphql';
import DataLoader from 'dataloader';

import { PageArgs, readPage, Rest, toConnection, type Connection, type RequestContext } from '#platform/graphql';

import { SessionStatus } from '../schema/enums';
import { Message } from '../schema/message.type';
import { BranchSessionInput, CreateSessionInput, SessionInput, UpdateSessionInput } from '../schema/session.input';
import { Session, SessionConnection } from '../schema/session.type';
import { Source } from '../schema/stubs';
import type { HistoryService } from '../service/history.service';
import type { SessionService } from '../service/session.service';
import type { Session as SessionValue, SessionStatus as Status } from '../service/session';

import { shownMessage } from './shown-message';

const tags = ['Chat'];
const base = '/bi/chat/sessions';

@Resolver(() => Session)
export class SessionResolver {
  constructor(
    private readonly sessions: SessionService,
    private readonly history: HistoryService,
  ) {}

  @Rest({ method: 'GET', path: `${base}/:session_id`, tags, depth: 1 })
  @Query(() => Session, { description: 'One conversation.' })
  chatSession(
    @Arg('sessionId', () => ID, { description: 'The session.' }) sessionId: string,
    @Ctx() { caller }: RequestContext,
  ): Promise<SessionValue> {
    return this.sessions.get(caller, sessionId);
  }

  @Rest({ method: 'GET', path: base, tags, depth: 3 })
  @Query(() => SessionConnection, { description: 'Your conversations, last used first.' })
  async chatSessions(
    @Args(() => PageArgs) pageArgs: PageArgs,
    @Arg('status', () => SessionStatus, { nullable: true, description: 'Only those in this state. Default: all.' }) status: Status | null,
    @Ctx() { caller }: RequestContext,
  ): Promise<Connection<SessionValue>> {
    const scope = `chat-sessions:${caller.tenantId}:${caller.userId}`;
    const page = readPage(pageArgs, scope);
    const { items, total } = await this.sessions.list(caller, { status: status ?? null, page });
    return toConnection({ items, page, scope, totalCount: total, keyOf: ({ lastActivityAt, id }) => [lastActivityAt.toISOString(), id] });
  }

  @Rest({ method: 'POST', path: base, status: 201, tags, depth: 1 })
  @Mutation(() => Session, { description: 'Begins a conversation.' })
  createSession(
    @Arg('input', () => CreateSessionInput, { description: 'The new session.' }) input: CreateSessionInput,
    @Ctx() { caller }: RequestContext,
  ): Promise<SessionValue> {
    return this.sessions.create(caller, input);
  }

  @Rest({ method: 'PATCH', path: `${base}/:session_id`, tags, depth: 1 })
  @Mutation(() => Session, { description: 'Renames a conversation, moves it to another source, closes, archives or opens it again.' })
  updateSession(
    @Arg('input', () => UpdateSessionInput, { description: 'What to change.' }) input: UpdateSessionInput,
    @Ctx() { caller }: RequestContext,
  ): Promise<SessionValue> {
    return this.sessions.update(caller, { ...input, status: input.status as Status | undefined });
  }

  @Rest({ method: 'POST', path: `${base}/:session_id/close`, tags, depth: 1 })
  @Mutation(() => Session, { description: 'Closes a conversation: it can be read and takes no more messages.' })
  closeSession(
    @Arg('input', () => SessionInput, { description: 'Which.' }) { sessionId }: SessionInput,
    @Ctx() { caller }: RequestContext,
  ): Promise<SessionValue> {
    return this.sessions.close(caller, sessionId);
  }

  @Rest({ method: 'DELETE', path: `${base}/:session_id`, tags, depth: 1 })
  @Mutation(() => Session, { description: 'Deletes a conversation with all its messages, for good.' })
  deleteSession(
    @Arg('input', () => SessionInput, { description: 'Which.' }) { sessionId }: SessionInput,
    @Ctx() { caller }: RequestContext,
  ): Promise<SessionValue> {
    return this.sessions.delete(caller, sessionId);
  }

  @Rest({ method: 'POST', path: `${base}/:session_id/branch`, status: 201, tags, depth: 1 })
  @Mutation(() => Session, { description: 'Begins a new conversation with a copy of this one up to a message.' })
  branchSession(
    @Arg('input', () => BranchSessionInput, { description: 'Where.' }) input: BranchSessionInput,
    @Ctx() { caller }: RequestContext,
  ): Promise<SessionValue> {
    return this.sessions.branch(caller, input);
  }

  @FieldResolver(() => ID, { description: 'The same as `id`, under the name that REST clients use.' })
  sessionId(@Root() { id }: SessionValue): string {
    return id;
  }

  @FieldResolver(() => Source, { nullable: true, description: 'The source that it asks.' })
  source(@Root() { sourceId }: SessionValue): Source | null {
    return sourceId ? { id: sourceId } : null;
  }

  @FieldResolver(() => [Message], { description: 'Its first messages, oldest first; `chatHistory` pages through all.' })
  async messages(
    @Root() { id }: SessionValue,
    @Arg('first', () => Int, { nullable: true, description: 'How many at most; 1 to 100. Default 20.' }) first: number | null,
    @Ctx() context: RequestContext,
  ): Promise<Message[]> {
    const { limit } = readPage({ first: first ?? undefined }, '');
    const loader = context.loader(
      `chat-messages:${limit}`,
      () =>
        new DataLoader<string, readonly Message[]>(async (ids) =>
          (await this.history.listMany(context.caller, ids, limit)).map((list) => list.map(shownMessage)),
        ),
    );
    return [...(await loader.load(id))];
  }
}
