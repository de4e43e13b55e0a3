import { errors } from '#platform/errors';
import { createMemoryEventLog, onlyWhatComes, type LogEvent } from '#platform/events';
import type { RequestContext } from '#platform/graphql';

import type { SubgraphFixture } from '../../gateway/kit/compose';

export interface Board {
  id: string;
  tenantId: string;
  name: string;
  visibility: 'PRIVATE' | 'TENANT';
  tags: string[];
  version: number;
}

/** Two subgraphs with everything that a REST route can be: lists, single things, writes, unions, files, versions, failures. */
export function desk() {
  const boards: Board[] = [];
  const calls = new Map<string, number>();
  const seen: { context?: RequestContext; input?: unknown } = {};
  const waiting: (() => void)[] = [];
  const count = (what: string, context?: RequestContext): void => {
    calls.set(what, (calls.get(what) ?? 0) + 1);
    if (context) seen.context = context;
  };
  const find = (context: RequestContext, id: string): Board | undefined =>
    boards.find((board) => board.id === id && board.tenantId === context.caller.tenantId);

  const deskGraph: SubgraphFixture = {
    name: 'desk',
    typeDefs: `
      scalar JSON
      scalar DateTime
      "Who may see something."
      enum Visibility { "Only its owner." PRIVATE "Everybody of the tenant." TENANT }
      enum ChartFormat { SVG PNG }
      enum FailureKind { INVALID_REQUEST UNAUTHORIZED FORBIDDEN NOT_FOUND CONFLICT PRECONDITION_FAILED PAYLOAD_TOO_LARGE SQL_REJECTED QUERY_FAILED IDEMPOTENCY_KEY_REUSED RATE_LIMITED BUDGET_EXCEEDED INTERNAL_ERROR LLM_UNAVAILABLE SERVICE_UNAVAILABLE TIMEOUT SECRET }
      "A set of widgets."
      type Dashboard @key(fields: "id") {
        "Opaque id."
        id: ID!
        "What people call it."
        name: String!
        "Who may see it."
        visibility: Visibility!
        "Free words."
        tags: [String!]!
        "Counts up with every change."
        version: Int!
        "When it was made."
        createdAt: DateTime!
        "What is on it."
        widgets: [Widget!]!
        "Where its data comes from."
        source: Source!
        "Computed on demand, so never part of a REST answer."
        rowsOf(query: String!): JSON
        "Also computed on demand."
        preview(maxRows: Int = 5): Preview
        "Costs too much to come along unasked."
        analysis: String @cost(weight: 50)
        "May fail alone."
        forecast: Int
        "Replaced by tags."
        label: String @deprecated(reason: "Use tags; since 2026-01-01, sunset 2027-01-01.")
      }
      type Preview { rows: JSON }
      "One tile of a dashboard."
      type Widget @key(fields: "id") {
        id: ID!
        title: String!
        "How it looks."
        settings: WidgetSettings!
        dashboard: Dashboard!
      }
      type WidgetSettings { xAxis: String showLegend: Boolean!  nested: Deep1 }
      type Deep1 { depthOne: Int deep2: Deep2 }
      type Deep2 { depthTwo: Int }
      type Source @key(fields: "id", resolvable: false) { id: ID! }
      type DashboardEdge { cursor: String! node: Dashboard! }
      type DashboardConnection { edges: [DashboardEdge!]! nodes: [Dashboard!]! pageInfo: PageInfo! totalCount: Int }
      type PageInfo @shareable { hasNextPage: Boolean! hasPreviousPage: Boolean! startCursor: String endCursor: String }
      type SearchResults { results: [SearchHit!]! total: Int! entities: [Entity!]! }
      type SearchHit { score: Float! entity: Entity }
      union Entity = Dashboard | Note
      type Note { id: ID! name: Int text: String! }
      type Suggestion { text: String! }
      type SqlAnswer { sql: String confidence: Float! schemaTablesUsed: [String!]! warnings: [String!]! }
      type BinaryFile { contentType: String! filename: String base64: String! }
      type Deleted { id: ID! deleted: Boolean! }
      type Upload { filename: String! bytes: Int! name: String! rows: Int }

      "Values for a filter."
      input FilterInput { "Which column." fieldName: String! "How it compares." operator: Operator!  values: [String!]  range: RangeInput }
      input RangeInput { min: Float max: Float }
      enum Operator { GREATER_THAN LESS_THAN EQUALS }
      input CreateDashboardInput {
        "What people will call it; 1 to 100 characters."
        name: String!
        "Who may see it."
        visibility: Visibility = PRIVATE
        tags: [String!]
        filters: [FilterInput!]
        "A date to begin with."
        startsAt: DateTime
        settings: JSON
        title: String @deprecated(reason: "Use name; since 2026-02-01.")
      }
      input RenameDashboardInput { dashboardId: ID! name: String! "The version that was read." expectedVersion: Int }
      input DeleteDashboardInput { dashboardId: ID! "Without the bin." permanently: Boolean }
      input GenerateSqlInput { "A question in plain words." question: String! sourceId: ID maxRetries: Int schemaContext: [String!] }
      input UploadSourceInput { name: String! filename: String! contentBase64: String! rows: Int }
      input FailInput { kind: FailureKind! }

      type Query {
        "One dashboard."
        dashboard("Its id." id: ID!): Dashboard @rest(method: "GET", path: "/bi/dashboards/:id", versions: ["v1", "v2"])
        "Dashboards, newest first."
        dashboards(first: Int, after: String, last: Int, before: String, offset: Int, "Only these." visibility: Visibility, tag: [String!], filter: FilterInput): DashboardConnection!
          @rest(method: "GET", path: "/bi/dashboards", tags: ["dashboards"])
          @rest(method: "GET", path: "/bi/boards", versions: ["v2"])
        "Questions to ask."
        suggestions(q: String, limit: Int = 5, exact: Boolean = false): [Suggestion!]! @rest(method: "GET", path: "/sql/suggestions")
        "Finds anything."
        search(q: String!): SearchResults! @rest(method: "GET", path: "/search/all")
        "A widget as a picture."
        chart(widgetId: ID!, format: ChartFormat!): BinaryFile @rest(method: "GET", path: "/bi/widgets/:widget_id/chart.:format")
        "The way it was."
        oldSearch(q: String!): SearchResults! @deprecated(reason: "Use search; since 2026-03-01, sunset 2027-03-01.") @rest(method: "GET", path: "/search/old")
        "Nothing is a fine answer here."
        current: Dashboard @rest(method: "GET", path: "/bi/dashboards/current", nullable: true)
        "Has no route."
        internal: String
      }
      type Mutation {
        "Makes a dashboard."
        createDashboard(input: CreateDashboardInput!): Dashboard! @rest(method: "POST", path: "/bi/dashboards", status: 201, tags: ["dashboards"])
        "Gives a dashboard another name."
        renameDashboard(input: RenameDashboardInput!): Dashboard! @rest(method: "PATCH", path: "/bi/dashboards/:dashboard_id", tags: ["dashboards"])
        "Moves a dashboard to the bin."
        deleteDashboard(input: DeleteDashboardInput!): Deleted! @rest(method: "DELETE", path: "/bi/dashboards/:dashboard_id", tags: ["dashboards"])
        "A question becomes SQL."
        generateSql(input: GenerateSqlInput!): SqlAnswer! @rest(method: "POST", path: "/sql/generate")
        "Brings a file."
        uploadSource(input: UploadSourceInput!): Upload! @rest(method: "POST", path: "/sql/sources/upload", status: 201)
        "Fails as told."
        fail(input: FailInput!): Dashboard @rest(method: "POST", path: "/test/fail")
        "Waits until let go."
        slow(input: FailInput): Suggestion! @rest(method: "POST", path: "/test/slow")
      }`,
    resolvers: {
      Query: {
        dashboard: (_: unknown, { id }: { id: string }, context: RequestContext) => {
          count('dashboard', context);
          return find(context, id) ?? null;
        },
        dashboards: (
          _: unknown,
          args: { first?: number; after?: string; offset?: number; visibility?: string; tag?: string[] },
          context: RequestContext,
        ) => {
          count('dashboards', context);
          seen.input = args;
          const mine = boards.filter(
            (board) => board.tenantId === context.caller.tenantId && (!args.visibility || board.visibility === args.visibility),
          );
          const start = args.after ? Number(args.after) : (args.offset ?? 0);
          const nodes = mine.slice(start, start + (args.first ?? 20));
          const endCursor = String(start + nodes.length);
          return {
            nodes,
            totalCount: mine.length,
            edges: [],
            pageInfo: { hasNextPage: start + nodes.length < mine.length, hasPreviousPage: start > 0, startCursor: null, endCursor },
          };
        },
        suggestions: (_: unknown, args: { q?: string; limit: number; exact: boolean }) => {
          seen.input = args;
          return Array.from({ length: args.limit }, (_unused, index) => ({ text: `question ${index}` }));
        },
        search: (_: unknown, { q }: { q: string }) => search(q),
        oldSearch: (_: unknown, { q }: { q: string }) => search(q),
        chart: (_: unknown, { widgetId, format }: { widgetId: string; format: string }) =>
          widgetId === 'none'
            ? null
            : {
                contentType: format === 'SVG' ? 'image/svg+xml' : 'image/png',
                filename: 'Überblick.svg',
                base64: Buffer.from('<svg/>').toString('base64'),
              },
        current: () => null,
        internal: () => 'x',
      },
      Dashboard: {
        createdAt: () => '2026-01-01T00:00:00.000Z',
        widgets: (board: Board) => [
          {
            id: 'wdg-1',
            title: `First of ${board.name}`,
            settings: { xAxis: 'month', showLegend: true, nested: { depthOne: 1, deep2: { depthTwo: 2 } } },
            dashboard: board,
          },
        ],
        source: () => ({ id: 'src-1' }),
        forecast: (board: Board) => {
          if (board.name === 'broken') throw errors.SERVICE_UNAVAILABLE();
          return 7;
        },
      },
      Mutation: {
        createDashboard: (_: unknown, { input }: { input: Record<string, unknown> }, context: RequestContext) => {
          count('createDashboard', context);
          seen.input = input;
          if (input.name === '')
            throw errors.INVALID_REQUEST(
              { what: 'name', hint: 'give it 1 to 100 characters' },
              { field: 'input.name', details: { maxLength: 100 } },
            );
          const board = {
            id: `dash-${boards.length + 1}`,
            tenantId: context.caller.tenantId,
            name: String(input.name),
            visibility: input.visibility as Board['visibility'],
            tags: (input.tags as string[]) ?? [],
            version: 1,
          };
          boards.push(board);
          return board;
        },
        renameDashboard: (
          _: unknown,
          { input }: { input: { dashboardId: string; name: string; expectedVersion?: number } },
          context: RequestContext,
        ) => {
          const board = find(context, input.dashboardId);
          if (!board) throw errors.NOT_FOUND({ kind: 'dashboard' });
          if (input.expectedVersion !== undefined && input.expectedVersion !== board.version) {
            throw errors.PRECONDITION_FAILED({ kind: 'dashboard', expected: input.expectedVersion, actual: board.version });
          }
          board.name = input.name;
          board.version += 1;
          return board;
        },
        deleteDashboard: (_: unknown, { input }: { input: { dashboardId: string; permanently?: boolean } }, context: RequestContext) => {
          seen.input = input;
          const board = find(context, input.dashboardId);
          if (!board) throw errors.NOT_FOUND({ kind: 'dashboard' });
          boards.splice(boards.indexOf(board), 1);
          return { id: board.id, deleted: true };
        },
        generateSql: (_: unknown, { input }: { input: { question: string } }, context: RequestContext) => {
          count('generateSql', context);
          seen.input = input;
          return { sql: 'select 1', confidence: 0.9, schemaTablesUsed: ['orders'], warnings: [] };
        },
        uploadSource: (_: unknown, { input }: { input: { name: string; filename: string; contentBase64: string; rows?: number } }) => ({
          filename: input.filename,
          bytes: Buffer.from(input.contentBase64, 'base64').length,
          name: input.name,
          rows: input.rows,
        }),
        fail: (_: unknown, { input }: { input: { kind: string } }) => {
          count('fail');
          if (input.kind === 'SECRET') throw new Error('select password from users at db.internal:5432');
          throw errors[input.kind as keyof typeof errors]({ seconds: 3, hint: 'a hint', kind: 'thing', what: 'thing' });
        },
        slow: async (_: unknown, _args: unknown, context: RequestContext) => {
          count('slow', context);
          await new Promise<void>((resolve) => waiting.push(resolve));
          return { text: 'done' };
        },
      },
      Entity: { __resolveType: (entity: { text?: string }) => (entity.text === undefined ? 'Dashboard' : 'Note') },
    },
  };

  const log = createMemoryEventLog();
  const sessions = new Set(['acme/sess-1']);
  const said: string[] = [];
  const decided: string[] = [];
  const topicOf = (context: RequestContext, sessionId: string) => {
    if (!sessions.has(`${context.caller.tenantId}/${sessionId}`)) throw errors.NOT_FOUND({ kind: 'session' });
    return { tenantId: context.caller.tenantId, name: `chat:${sessionId}` };
  };
  const positionOf = (after = 0): number => (after === onlyWhatComes ? Infinity : after);
  /** Says something into a session from the inside, as a turn does. */
  const tell = (type: string, data: unknown, { tenantId = 'acme', sessionId = 'sess-1' } = {}) =>
    log.append({ tenantId, name: `chat:${sessionId}` }, [{ type, data }]);

  const talkGraph: SubgraphFixture = {
    name: 'talk',
    typeDefs: `
      scalar JSON
      scalar DateTime
      type Dashboard @key(fields: "id") { id: ID! relatedConversations: [Session!]! }
      type Session @key(fields: "id") { id: ID! title: String! }
      type ChatEvent { eventId: ID! sequence: Int! type: String! data: JSON! timestamp: DateTime! sessionId: ID! runId: ID messageId: ID requestId: ID fragile: String }
      input StartTurnInput { sessionId: ID! message: String refinement: String }
      input SessionInput { sessionId: ID! }
      type StartedTurn { runId: ID! }
      type CancelledTurn { cancelled: Boolean! }
      type AgentEvent { eventId: ID! sequence: Int! type: String! data: JSON! timestamp: DateTime! sessionId: ID runId: ID }
      type Agent { id: ID! }
      type AgentRun { id: ID! }
      type Approval { id: ID! }
      input StartAgentRunInput { agentId: ID sessionId: ID message: String! }
      input AgentRunInput { runId: ID! }
      input DecideApprovalInput { id: ID! notes: String reviewerId: ID }
      type Query { agent(agentId: ID!): Agent! session(id: ID!): Session @rest(method: "GET", path: "/bi/chat/sessions/:id") }
      type Mutation { startTurn(input: StartTurnInput!): StartedTurn! cancelTurn(input: SessionInput!): CancelledTurn! startAgentRun(input: StartAgentRunInput!): AgentRun! cancelAgentRun(input: AgentRunInput!): AgentRun! approveStep(input: DecideApprovalInput!): Approval! rejectStep(input: DecideApprovalInput!): Approval! }
      type Subscription { chatEvents(sessionId: ID!, after: Int): ChatEvent! agentEvents(sessionId: ID, agentId: ID, after: Int): AgentEvent! }`,
    resolvers: {
      Query: {
        agent: (_: unknown, { agentId }: { agentId: string }) => {
          if (agentId !== 'agent-1') throw errors.NOT_FOUND({ kind: 'agent' });
          return { id: agentId };
        },
        session: (_: unknown, { id }: { id: string }) => (id === 'sess-1' ? { id, title: 'Sales' } : null),
      },
      Dashboard: {
        __resolveReference: ({ id }: { id: string }) => {
          count('relatedConversations');
          return { id, relatedConversations: [] };
        },
      },
      Mutation: {
        startTurn: async (
          _: unknown,
          { input }: { input: { sessionId: string; message?: string; refinement?: string } },
          context: RequestContext,
        ) => {
          count('startTurn', context);
          const topic = topicOf(context, input.sessionId);
          said.push(input.message ?? input.refinement ?? '');
          if (input.message === 'held') await new Promise<void>((resolve) => waiting.push(resolve));
          if (input.message === 'busy') throw errors.CONFLICT({ what: 'A turn is running', hint: 'wait for it' });
          await log.append(topic, [
            { type: 'stream_start', data: { agent: 'router' } },
            { type: 'text', data: { content: `You said ${input.message ?? input.refinement}.`, is_final: true } },
            { type: 'stream_end', data: { status: 'completed' } },
          ]);
          return { runId: 'run-1' };
        },
        cancelTurn: () => ({ cancelled: false }),
        startAgentRun: async (
          _: unknown,
          { input }: { input: { agentId: string; sessionId?: string; message: string } },
          context: RequestContext,
        ) => {
          await log.append({ tenantId: context.caller.tenantId, name: `agent:${input.sessionId ?? input.agentId}` }, [
            { type: 'text', data: { content: input.message } },
          ]);
          return { id: 'run-7' };
        },
        cancelAgentRun: (_: unknown, { input }: { input: { runId: string } }) => (
          decided.push(`cancel ${input.runId}`),
          { id: input.runId }
        ),
        approveStep: (_: unknown, { input }: { input: { id: string; notes?: string } }) => (
          decided.push(`approve ${input.id} ${input.notes}`),
          { id: input.id }
        ),
        rejectStep: (_: unknown, { input }: { input: { id: string } }) => (decided.push(`reject ${input.id}`), { id: input.id }),
      },
      Subscription: {
        agentEvents: {
          subscribe: (
            _: unknown,
            { sessionId, agentId, after }: { sessionId?: string; agentId?: string; after?: number },
            context: RequestContext,
          ) =>
            log.follow({ tenantId: context.caller.tenantId, name: `agent:${sessionId ?? agentId}` }, positionOf(after), {
              signal: context.signal,
            }),
          resolve: ({ id, timestamp, ...event }: LogEvent) => ({ ...event, timestamp: new Date(timestamp), eventId: id, runId: 'run-7' }),
        },
        chatEvents: {
          subscribe: (_: unknown, { sessionId, after }: { sessionId: string; after?: number }, context: RequestContext) =>
            log.follow(topicOf(context, sessionId), positionOf(after), { signal: context.signal }),
          resolve: ({ id, timestamp, ...event }: LogEvent) => ({
            ...event,
            timestamp: new Date(timestamp),
            eventId: id,
            sessionId: 'sess-1',
            runId: 'run-1',
          }),
        },
      },
    },
  };

  const search = (q: string) => ({
    total: 2,
    entities: [
      { id: 'dash-9', tenantId: '', name: q, visibility: 'TENANT', tags: [], version: 3 },
      { id: 'note-1', name: 42, text: 'a note' },
    ],
    results: [
      { score: 1, entity: { id: 'dash-9', tenantId: '', name: q, visibility: 'TENANT', tags: [], version: 3 } },
      { score: 0.5, entity: { id: 'note-1', name: 42, text: 'a note' } },
      { score: 0.1, entity: null },
    ],
  });

  return {
    fixtures: [deskGraph, talkGraph],
    log,
    tell,
    said,
    decided,
    boards,
    calls,
    seen,
    release: () => waiting.splice(0).forEach((resolve) => resolve()),
  };
}
