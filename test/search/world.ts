import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { graphql, type GraphQLFormattedError } from 'graphql';
import { sql } from 'kysely';

import {
  createBuiltInEmbedder,
  createSearchSubgraph,
  searchMigrations,
  type ConversationFacts,
  type DashboardFacts,
  type Embedder,
  type SearchDependencies,
  type SearchSubgraph,
  type SourceFacts,
} from '../../subgraphs/search';
import { testDatabase } from '../kit/database';
import { until } from '../kit/until';

import type { Caller } from '#platform/auth';
import { appendToOutbox, createEventBus } from '#platform/events';
import { createRequestContext } from '#platform/graphql';
import { createJobQueue } from '#platform/jobs';
import { silentLogger } from '#platform/telemetry';

/** What the other domains hold, by tenant. */
export interface Neighbours {
  readonly sources: Map<string, SourceFacts & { readonly tenantId: string | null }>;
  readonly sessions: Map<string, ConversationFacts & { readonly tenantId: string }>;
  readonly dashboards: Map<string, DashboardFacts & { readonly tenantId: string; readonly readers: readonly string[] }>;
}

export interface Answer {
  readonly data: any;
  readonly code: string | undefined;
  readonly message: string | undefined;
}

/** The encoder, and the one that can still be asked about older vectors. */
export interface Encoders {
  readonly embedder?: () => Embedder;
  readonly formerEmbedder?: SearchDependencies['formerEmbedder'];
}

/** The search domain on a real database, index, encoder, event bus and job queue; the other domains are maps. */
export async function openWorld(given: Encoders = {}) {
  let encoders = given;
  const db = await testDatabase([searchMigrations]);
  const location = mkdtempSync(path.join(tmpdir(), 'parley-search-'));
  const neighbours: Neighbours = { sources: new Map(), sessions: new Map(), dashboards: new Map() };
  const { sources, sessions, dashboards } = neighbours;
  let subgraph!: SearchSubgraph;
  let jobs!: ReturnType<typeof createJobQueue>;

  const open = async (): Promise<void> => {
    jobs = createJobQueue({ db, pollMs: 50 });
    const bus = createEventBus({ db, jobs });
    subgraph = createSearchSubgraph({
      db,
      bus,
      jobs,
      location,
      embedder: encoders.embedder?.() ?? createBuiltInEmbedder(),
      ...(encoders.formerEmbedder ? { formerEmbedder: encoders.formerEmbedder } : {}),
      // A query under way would lose its tables: they go when the test hastens the jobs.
      dropAfterMs: 3_600_000,
      sources: {
        list: async ({ tenantId }) => [...sources.values()].filter((one) => one.builtIn || one.tenantId === tenantId),
        read: async ({ tenantId }, id) => {
          const found = sources.get(id);
          return found && (found.builtIn || found.tenantId === tenantId) ? found : null;
        },
        visible: async ({ tenantId }, ids) => new Set(ids.filter((id) => sources.get(id)?.tenantId === tenantId)),
      },
      conversations: {
        read: async ({ tenantId }, id) => (sessions.get(id)?.tenantId === tenantId ? sessions.get(id)! : null),
        visible: async ({ tenantId, userId }, ids) =>
          new Set(ids.filter((id) => sessions.get(id)?.tenantId === tenantId && sessions.get(id)?.userId === userId)),
      },
      dashboards: {
        read: async ({ tenantId }, id) => (dashboards.get(id)?.tenantId === tenantId ? dashboards.get(id)! : null),
        visible: async ({ tenantId, userId }, ids) =>
          new Set(ids.filter((id) => dashboards.get(id)?.tenantId === tenantId && dashboards.get(id)!.readers.includes(userId))),
      },
      uploadMaxBytes: 1_000_000,
      logger: silentLogger,
    });
    await bus.start();
    await jobs.start();
    await subgraph.start();
  };
  const shut = async (): Promise<void> => {
    await jobs.stop();
    await subgraph.close();
  };
  await open();

  const run = async (me: Caller, source: string, variableValues: Record<string, unknown> = {}): Promise<Answer> => {
    const contextValue = createRequestContext({ caller: me, requestId: 'req-1' });
    const { data, errors = [] } = await graphql({ schema: subgraph.schema, source, variableValues, contextValue });
    const cause = errors[0]?.originalError as { code?: string } | undefined;
    return { data, code: cause?.code ?? (errors[0] as GraphQLFormattedError | undefined)?.message, message: errors[0]?.message };
  };

  return {
    neighbours,
    location,
    run,
    search: async (me: Caller, input: Record<string, unknown>) => {
      const answer = await run(
        me,
        `mutation ($input: SemanticSearchInput!) { semanticSearch(input: $input) { total mode results {
          id collection kind title content score scores { vector keyword fused } highlights metadata
          entity { __typename ... on Source { id } ... on Session { id } ... on Dashboard { id } ... on KnowledgeDocument { id title } } } } }`,
        { input },
      );
      return {
        ...answer,
        results: (answer.data?.semanticSearch.results ?? []) as any[],
        total: answer.data?.semanticSearch.total as number,
        mode: answer.data?.semanticSearch.mode as string,
      };
    },
    /** Adds a document and waits until it can be found, or gives the refusal. */
    add: async (me: Caller, input: Record<string, unknown>) => {
      const answer = await run(me, `mutation ($input: AddDocumentInput!) { addKnowledge(input: $input) { id title format tags status } }`, {
        input,
      });
      const id = answer.data?.addKnowledge.id as string | undefined;
      if (!id) return { ...answer, id: '', partCount: 0 };
      const ready = await until(
        async () => {
          const { data } = await run(me, `query ($id: ID!) { knowledgeDocument(id: $id) { status partCount } }`, { id });
          return data.knowledgeDocument.status === 'READY' ? data.knowledgeDocument : null;
        },
        { withinMs: 60_000 },
      );
      return { ...answer, id, partCount: ready.partCount as number };
    },
    publish: (tenantId: string, type: string, data: object) =>
      db.inTenant(tenantId, (tx) => appendToOutbox(tx, { tenantId, topic: type, type, data })),
    indexed: async (tenantId: string) =>
      db.inTenant(
        tenantId,
        async (tx) =>
          (await tx
            .selectFrom('search_indexed' as never)
            .selectAll()
            .execute()) as any[],
      ),
    /** Jobs that wait for their next attempt are due now. */
    hasten: () => db.asSystem((tx) => sql`update jobs set run_at = now() where state = 'queued'`.execute(tx as never)),
    /** As after a crash of the process; with `lost`, the index folder is gone as well; with `change`, the settings are others. */
    restart: async ({ lost = false, change }: { lost?: boolean; change?: Encoders } = {}) => {
      await shut();
      if (change) encoders = change;
      if (lost) rmSync(location, { recursive: true, force: true });
      await open();
    },
    close: async () => {
      await shut();
      await db.close();
      rmSync(location, { recursive: true, force: true });
    },
  };
}

export type World = Awaited<ReturnType<typeof openWorld>>;
