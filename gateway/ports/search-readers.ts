import type { Caller } from '#platform/auth';
import { AppError } from '#platform/errors';

import { operation, type GraphClient } from './graph-client';

const sources = operation(`query SearchSources($after: String) {
  sources(first: 100, after: $after) { nodes { id builtIn } pageInfo { hasNextPage endCursor } }
}`);
const source = operation(`query SearchSource($id: ID!) {
  source(id: $id) { id name builtIn }
  sourceSchema(sourceId: $id) { tables { name comment columns { name type comment } foreignKeys { columns table } } }
  semanticModel(sourceId: $id) { model }
}`);
const visibleSource = operation(`query SearchSourceVisible($id: ID!) { source(id: $id) { id } }`);
const session = operation(`query SearchSession($id: ID!) { chatSession(sessionId: $id) { id title userId } }`);
const history = operation(`query SearchHistory($id: ID!, $after: String) {
  chatHistory(sessionId: $id, first: 100, after: $after) {
    nodes { id role content answer { sql } createdAt }
    pageInfo { hasNextPage endCursor }
  }
}`);
const openSession = operation(`query SearchSessionVisible($id: ID!) { chatSession(sessionId: $id) { id } }`);

/** Null for what is not there (any more); other failures go on, so that an outage is not mistaken for a removal. */
export async function orNull<Value>(work: Promise<Value>): Promise<Value | null> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof AppError && (error.code === 'NOT_FOUND' || error.code === 'FORBIDDEN')) return null;
    throw error;
  }
}

interface ListPage<Node> {
  readonly nodes: readonly Node[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
}

/** Every node of a connection, a hundred at a time. */
async function every<Node>(read: (after: string | null) => Promise<ListPage<Node>>): Promise<Node[]> {
  const nodes: Node[] = [];
  let after: string | null = null;
  for (;;) {
    const page: ListPage<Node> = await read(after);
    nodes.push(...page.nodes);
    if (!page.pageInfo.hasNextPage) return nodes;
    after = page.pageInfo.endCursor;
  }
}

/** The ids for which the caller gets an answer. */
async function answered(ids: readonly string[], ask: (id: string) => Promise<unknown>): Promise<ReadonlySet<string>> {
  const found = await Promise.all(ids.map((id) => orNull(ask(id))));
  return new Set(ids.filter((_, place) => found[place] !== null));
}

interface ModelShape {
  readonly entities?: readonly {
    readonly table: string;
    readonly dimensions?: readonly { readonly column: string; readonly values?: Readonly<Record<string, readonly string[]>> }[];
    readonly measures?: readonly { readonly name: string; readonly description?: string; readonly synonyms?: readonly string[] }[];
  }[];
  readonly metrics?: readonly { readonly name: string; readonly description?: string; readonly synonyms?: readonly string[] }[];
}

interface SourceData {
  readonly source: { readonly id: string; readonly name: string; readonly builtIn: boolean };
  readonly sourceSchema: {
    readonly tables: readonly {
      readonly name: string;
      readonly comment: string | null;
      readonly columns: readonly { readonly name: string; readonly type: string; readonly comment: string | null }[];
      readonly foreignKeys: readonly { readonly columns: readonly string[]; readonly table: string }[];
    }[];
  };
  readonly semanticModel: { readonly model: ModelShape };
}

/** The sql domain's sources, as the search domain indexes them. */
export function createSourceReader(graph: GraphClient) {
  return {
    list: (caller: Caller) =>
      every(async (after) => {
        const call = { document: sources, variables: { after } };
        return (await graph.execute<{ sources: ListPage<{ id: string; builtIn: boolean }> }>(caller, call)).sources;
      }),
    visible: (caller: Caller, ids: readonly string[]) =>
      answered(ids, (id) => graph.execute(caller, { document: visibleSource, variables: { id } })),
    async read(caller: Caller, id: string) {
      const data = await orNull(graph.execute<SourceData>(caller, { document: source, variables: { id } }));
      if (!data) return null;
      const { model } = data.semanticModel;
      const named = [...(model.metrics ?? []), ...(model.entities ?? []).flatMap(({ measures }) => measures ?? [])];
      return {
        ...data.source,
        tables: data.sourceSchema.tables.map(({ foreignKeys, ...table }) => ({ ...table, joins: foreignKeys })),
        metrics: named.map(({ name, description, synonyms }) => ({ name, description: description ?? null, synonyms: synonyms ?? [] })),
        values: (model.entities ?? []).flatMap(({ table, dimensions }) =>
          (dimensions ?? []).flatMap(({ column, values }) =>
            Object.keys(values ?? {}).map((value) => ({ column: `${table}.${column}`, value })),
          ),
        ),
      };
    },
  };
}

interface SessionData {
  readonly chatSession: { readonly id: string; readonly title: string | null; readonly userId: string };
}

interface MessageNode {
  readonly id: string;
  readonly role: string;
  readonly content: string;
  readonly answer: { readonly sql: string | null } | null;
  readonly createdAt: string;
}

/** The chat domain's sessions, as the search domain indexes and checks them. */
export function createConversationReader(graph: GraphClient) {
  return {
    async read(caller: Caller, sessionId: string) {
      const data = await orNull(graph.execute<SessionData>(caller, { document: session, variables: { id: sessionId } }));
      if (!data) return null;
      const messages = await orNull(
        every(async (after) => {
          const call = { document: history, variables: { id: sessionId, after } };
          return (await graph.execute<{ chatHistory: ListPage<MessageNode> }>(caller, call)).chatHistory;
        }),
      );
      // Deleted between two pages.
      if (!messages) return null;
      return {
        sessionId,
        title: data.chatSession.title,
        userId: data.chatSession.userId,
        messages: messages.map(({ answer, createdAt, ...message }) => ({
          ...message,
          role: message.role.toLowerCase(),
          sql: answer?.sql ?? null,
          createdAt: new Date(createdAt),
        })),
      };
    },
    visible: (caller: Caller, ids: readonly string[]) =>
      answered(ids, (id) => graph.execute(caller, { document: openSession, variables: { id } })),
  };
}
