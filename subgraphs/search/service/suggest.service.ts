import type { Caller } from '#platform/auth';
import { errors, nearestName } from '#platform/errors';

import type { Generations } from './generations';
import { builtInTenant } from './indexing.service';
import type { SearchIndex } from './index/index';
import { policy } from './policy';

/** Type-ahead over names of tables, columns, metrics and values: what begins so first, then what contains it, then what is a slip away. */
export class SuggestService {
  constructor(
    private readonly index: SearchIndex,
    private readonly generations: Generations,
  ) {}

  async suggest(caller: Caller, { q, limit }: { q: string; limit?: number | null }, signal?: AbortSignal): Promise<readonly string[]> {
    policy.require(caller, 'search:read');
    const wanted = limit ?? 10;
    if (wanted < 1 || wanted > 50) throw errors.INVALID_REQUEST({ what: 'limit', hint: 'it must be 1 to 50' }, { field: 'limit' });
    const typed = q.trim().toLowerCase().slice(0, 100);
    if (typed === '') return [];
    const titles = await this.titles(caller.tenantId, signal);
    const begins = titles.filter((title) => title.toLowerCase().startsWith(typed));
    const contains = titles.filter((title) => !title.toLowerCase().startsWith(typed) && title.toLowerCase().includes(typed));
    const found = [...begins.sort(byLength), ...contains.sort(byLength)];
    if (found.length === 0) {
      const prefixes = new Map(titles.map((title) => [title.toLowerCase().slice(0, typed.length + 1), title]));
      const near = nearestName(typed, [...titles, ...prefixes.keys()]);
      if (near !== undefined) found.push(prefixes.get(near) ?? near);
    }
    return [...new Set(found)].slice(0, wanted);
  }

  private async titles(tenantId: string, signal?: AbortSignal): Promise<string[]> {
    signal?.throwIfAborted();
    const collections = ['schema', 'metrics', 'values'] as const;
    const lists = await Promise.all(
      [tenantId, builtInTenant].map(async (tenant) => {
        const generation = await this.generations.serving(tenant);
        return Promise.all(collections.map((collection) => this.index.titles({ tenantId: tenant, collection, generation })));
      }),
    );
    return [...new Set(lists.flat(2))];
  }
}

const byLength = (a: string, b: string): number => a.length - b.length || a.localeCompare(b);
