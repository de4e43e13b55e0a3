import { z } from 'zod';

import type { Caller } from '#platform/auth';
import { errors, nearestName } from '#platform/errors';

import { builtInTenant } from './indexing.service';
import { collections, highlights, type Collection, type IndexHit, type IndexQuery, type SearchIndex } from './index/index';
import { policy } from './policy';
import type { ConversationReader, DashboardReader } from './ports';

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
  readonly executionTimeMs: number;
}

export interface SearchServiceParts {
  readonly index: SearchIndex;
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
    const wanted = read(rules, input);
    const narrowed = readFilters(wanted.filters);
    const [limit, offset] = [wanted.topK ?? 10, wanted.offset ?? 0];
    const query: IndexQuery = {
      text: wanted.query,
      mode: wanted.mode ?? 'hybrid',
      // More than asked for: some of it the caller may not see.
      limit: (limit + offset) * 2 + 20,
      userId: caller.userId,
      ...narrowed,
    };
    const hits = (await this.visible(caller, await this.hits(caller, readCollections(wanted.collections), query, signal))).filter(
      ({ score }) => score >= (wanted.minScore ?? 0),
    );
    const results = hits.slice(offset, offset + limit).map((hit) => ({ ...hit, highlights: highlights(hit.content, wanted.query) }));
    return { results, total: hits.length, executionTimeMs: performance.now() - started };
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

  private async hits(caller: Caller, wanted: readonly Collection[], query: IndexQuery, signal?: AbortSignal): Promise<IndexHit[]> {
    const common = wanted.filter((collection) => shared.includes(collection));
    const [own, builtIn] = await Promise.all([
      this.parts.index.search(caller.tenantId, wanted, query, signal),
      common.length > 0 ? this.parts.index.search(builtInTenant, common, query, signal) : [],
    ]);
    return [...own, ...builtIn].sort((a, b) => b.score - a.score).slice(0, query.limit);
  }

  /** What was deleted or unshared a moment ago is gone now, whatever the index still holds. */
  private async visible(caller: Caller, hits: readonly IndexHit[]): Promise<IndexHit[]> {
    const owners = (collection: Collection): string[] => [
      ...new Set(hits.filter((hit) => hit.collection === collection).map(({ ownerId }) => ownerId)),
    ];
    const [sessions, dashboards] = [owners('conversations'), owners('dashboards')];
    const [mayOpen, maySee] = await Promise.all([
      sessions.length > 0 ? this.parts.conversations.visible(caller, sessions) : new Set<string>(),
      dashboards.length > 0 ? this.parts.dashboards.visible(caller, dashboards) : new Set<string>(),
    ]);
    return hits.filter(({ collection, ownerId }) => {
      if (collection === 'conversations') return mayOpen.has(ownerId);
      if (collection === 'dashboards') return maySee.has(ownerId);
      return true;
    });
  }
}

function read<Shape extends z.ZodType>(shape: Shape, input: unknown): z.infer<Shape> {
  const result = shape.safeParse(input);
  if (result.success) return result.data;
  const issue = result.error.issues[0]!;
  throw errors.INVALID_REQUEST({ what: issue.path.join('.') || 'the request', hint: issue.message }, { field: issue.path.join('.') });
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
