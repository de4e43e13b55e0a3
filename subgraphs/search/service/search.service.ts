import { z } from 'zod';

import type { Caller } from '#platform/auth';
import { errors, nearestName, readInput } from '#platform/errors';

import type { Generations } from './generations';
import { builtInTenant } from './indexing.service';
import {
  collections,
  highlights,
  type Collection,
  type IndexHit,
  type IndexQuery,
  type RankedHit,
  type SearchIndex,
  type SearchMode,
  type Shelf,
} from './index/index';
import type { KnowledgeService } from './knowledge.service';
import { policy } from './policy';
import type { ConversationReader, DashboardReader, SourceReader } from './ports';

const filters = z
  .object({
    kind: z.string().max(40).nullish(),
    owner_id: z.union([z.string(), z.array(z.string()).max(100)]).nullish(),
    from: z.string().nullish(),
    to: z.string().nullish(),
  })
  .strict();

const rules = z.object({
  query: z
    .string()
    .transform((text) => text.replace(/[\u0000-\u001f\u007f]/g, ' ').trim())
    .pipe(z.string().min(1, 'it must not be empty').max(2_000, 'it must have at most 2,000 characters')),
  collections: z.array(z.string()).max(20).nullish(),
  topK: z.number().int().min(1, 'it must be 1 to 100').max(100, 'it must be 1 to 100').nullish(),
  offset: z.number().int().min(0).max(1_000, 'it must be 0 to 1,000').nullish(),
  minScore: z.number().min(0).max(1).nullish(),
  mode: z.enum(['hybrid', 'vector', 'keyword']).nullish(),
  filters: z.unknown().optional(),
});

export interface SearchResult extends IndexHit {
  readonly highlights: readonly string[];
}

export interface SearchResults {
  readonly results: readonly SearchResult[];
  readonly total: number;
  readonly mode: SearchMode;
  readonly executionTimeMs: number;
}

export interface SearchServiceParts {
  readonly index: SearchIndex;
  readonly generations: Generations;
  readonly knowledge: Pick<KnowledgeService, 'existing'>;
  readonly sources: SourceReader;
  readonly conversations: ConversationReader;
  readonly dashboards: DashboardReader;
}

/** What the built-in sources fill, which every tenant sees. */
const shared: readonly Collection[] = ['schema', 'values', 'metrics'];

/** Finds tables, values, metrics, past conversations, dashboards and documents that the caller may see. */
export class SearchService {
  constructor(private readonly parts: SearchServiceParts) {}

  async semantic(caller: Caller, input: unknown, signal?: AbortSignal): Promise<SearchResults> {
    policy.require(caller, 'search:read');
    const started = performance.now();
    const wanted = readInput(rules, input);
    const narrowed = readFilters(wanted.filters);
    const [limit, offset] = [wanted.topK ?? 10, wanted.offset ?? 0];
    const query: IndexQuery = {
      text: wanted.query,
      mode: wanted.mode ?? 'hybrid',
      userId: caller.userId,
      ...narrowed,
    };
    const { index } = this.parts;
    const ranking = await index.rank(await this.shelves(caller, readCollections(wanted.collections)), query, signal);
    const near = ranking.hits.filter(({ score }) => score >= (wanted.minScore ?? 0));
    const hits = await this.visible(caller, near);
    const page = await index.fetch(hits.slice(offset, offset + limit));
    const results = page.map((hit) => ({ ...hit, highlights: highlights(hit.content, wanted.query) }));
    return { results, total: hits.length, mode: ranking.mode, executionTimeMs: performance.now() - started };
  }

  async schema(
    caller: Caller,
    { q, type, limit }: { q: string; type?: string | null; limit?: number | null },
    signal?: AbortSignal,
  ): Promise<SearchResults> {
    const types = ['table', 'column', 'relationship', 'metric', 'value'];
    if (type && !types.includes(type))
      throw errors.INVALID_REQUEST({ what: 'type', hint: `it must be one of ${types.join(', ')}` }, { field: 'type' });
    const wanted = type === 'metric' ? ['metrics'] : type === 'value' ? ['values'] : type ? ['schema'] : ['schema', 'metrics', 'values'];
    return this.semantic(caller, { query: q, collections: wanted, topK: limit ?? 20, filters: type ? { kind: type } : {} }, signal);
  }

  conversations(
    caller: Caller,
    { q, limit, from, to }: { q: string; limit?: number | null; from?: string | null; to?: string | null },
    signal?: AbortSignal,
  ): Promise<SearchResults> {
    return this.semantic(caller, { query: q, collections: ['conversations'], topK: limit ?? 20, filters: { from, to } }, signal);
  }

  /** The caller's own tenant, and for what the built-in sources fill also the place that they are kept in. No filter reaches further. */
  private async shelves({ tenantId }: Caller, wanted: readonly Collection[]): Promise<Shelf[]> {
    const common = wanted.filter((collection) => shared.includes(collection));
    const on = async (tenant: string, of: readonly Collection[]): Promise<Shelf[]> => {
      if (of.length === 0) return [];
      const generation = await this.parts.generations.serving(tenant);
      return of.map((collection) => ({ tenantId: tenant, collection, generation }));
    };
    return (await Promise.all([on(tenantId, wanted), on(builtInTenant, common)])).flat();
  }

  /** What was deleted or unshared a moment ago is gone now, whatever the index still holds. */
  private async visible(caller: Caller, hits: readonly RankedHit[]): Promise<RankedHit[]> {
    const { conversations, dashboards, knowledge, sources } = this.parts;
    const checks: readonly (readonly [readonly Collection[], (ids: readonly string[]) => Promise<ReadonlySet<string>>])[] = [
      [['conversations'], (ids) => conversations.visible(caller, ids)],
      [['dashboards'], (ids) => dashboards.visible(caller, ids)],
      [['knowledge'], (ids) => knowledge.existing(caller, ids)],
      [shared, (ids) => sources.visible(caller, ids)],
    ];
    const seen = await Promise.all(
      checks.map(async ([of, check]) => {
        // The built-in sources are everybody's.
        const asked = hits.filter(({ shelf }) => of.includes(shelf.collection) && shelf.tenantId === caller.tenantId);
        const ids = [...new Set(asked.map(({ ownerId }) => ownerId))];
        return ids.length > 0 ? check(ids) : new Set<string>();
      }),
    );
    return hits.filter(({ shelf, ownerId }) => {
      if (shelf.tenantId === builtInTenant) return true;
      return seen[checks.findIndex(([of]) => of.includes(shelf.collection))]!.has(ownerId);
    });
  }
}

function readCollections(given: readonly string[] | null | undefined): readonly Collection[] {
  if (!given || given.length === 0) return collections;
  const unknown = given.find((name) => !(collections as readonly string[]).includes(name));
  if (unknown === undefined) return [...new Set(given)] as Collection[];
  const nearest = nearestName(unknown, collections);
  throw errors.INVALID_REQUEST(
    { what: 'collections', hint: nearest ? `did you mean ${nearest}?` : `known are ${collections.join(', ')}` },
    { field: 'collections' },
  );
}

function readFilters(given: unknown): Pick<IndexQuery, 'kind' | 'ownerIds' | 'from' | 'to'> {
  const result = filters.safeParse(given ?? {});
  if (!result.success)
    throw errors.INVALID_REQUEST({ what: 'filters', hint: 'known are kind, owner_id, from and to' }, { field: 'filters' });
  const { kind, owner_id: owner, from, to } = result.data;
  return {
    ...(kind ? { kind } : {}),
    ...(owner ? { ownerIds: typeof owner === 'string' ? [owner] : owner } : {}),
    ...(from ? { from: instant(from, 'filters.from') } : {}),
    ...(to ? { to: instant(to, 'filters.to') } : {}),
  };
}

function instant(text: string, field: string): number {
  const time = Date.parse(text);
  if (Number.isNaN(time))
    throw errors.INVALID_REQUEST({ what: field, hint: 'write a time as 2026-01-31 or 2026-01-31T12:00:00Z' }, { field });
  return time;
}
