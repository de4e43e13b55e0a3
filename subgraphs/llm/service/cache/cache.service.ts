import type { Caller } from '#platform/auth';
import type { Database } from '#platform/db';
import { errors } from '#platform/errors';

import type { CacheStore } from '../../store/cache.store';
import type { CallStore } from '../../store/call.store';
import type { LlmTables } from '../../store/rows';
import type { ConfigDirectory } from '../config/config-directory';
import { policy } from '../policy';
import type { CacheSettings } from '../types';
import type { CallLog } from '../usage/call-log';
import type { AnswerCache } from './answer-cache';

export interface CacheAnalytics {
  readonly settings: CacheSettings;
  readonly periodDays: number;
  readonly entries: number;
  readonly bytes: number;
  readonly requests: number;
  readonly hits: number;
  readonly exactHits: number;
  readonly semanticHits: number;
  readonly misses: number;
  /** 0 to 1. */
  readonly hitRate: number;
  readonly savedUsd: number;
  readonly savedTokens: number;
  readonly savedMs: number;
}

export interface CacheServiceDeps {
  readonly db: Database<LlmTables>;
  readonly cache: AnswerCache;
  readonly store: CacheStore;
  readonly calls: CallStore;
  readonly log: CallLog;
  readonly directory: ConfigDirectory;
  readonly now: () => Date;
}

export class CacheService {
  constructor(private readonly deps: CacheServiceDeps) {}

  async analytics(caller: Caller, { periodDays = 30 }: { readonly periodDays?: number }): Promise<CacheAnalytics> {
    policy.require(caller, 'llm-usage:read');
    if (!Number.isInteger(periodDays) || periodDays < 1 || periodDays > 366) {
      throw errors.INVALID_REQUEST({ what: 'periodDays', hint: 'it must be a whole number from 1 to 366' }, { field: 'periodDays' });
    }
    const { db, store, calls, log, cache, directory, now } = this.deps;
    await Promise.all([log.flush(), cache.settled()]);
    const { tenantId } = caller;
    const since = new Date(now().getTime() - periodDays * 86_400_000);
    const [size, use] = await db.inTenant(
      tenantId,
      async (tx) => [await store.size(tx, tenantId), await calls.cacheUse(tx, tenantId, since)] as const,
    );
    const of = (kind: string): number => use.find((row) => row.cache === kind)?.requests ?? 0;
    const [exactHits, semanticHits, misses] = [of('exact'), of('semantic'), of('miss')];
    const requests = exactHits + semanticHits + misses;
    const total = (field: 'saved_usd' | 'saved_tokens' | 'saved_ms'): number => use.reduce((sum, row) => sum + row[field], 0);
    const { settings } = await directory.active(tenantId);
    return {
      settings: settings.cache,
      periodDays,
      ...size,
      requests,
      hits: exactHits + semanticHits,
      exactHits,
      semanticHits,
      misses,
      hitRate: requests === 0 ? 0 : (exactHits + semanticHits) / requests,
      savedUsd: total('saved_usd'),
      savedTokens: total('saved_tokens'),
      savedMs: total('saved_ms'),
    };
  }

  /** Drops answers that depend on a table or carry a tag, those of a model, or all where nothing is named. Returns how many. */
  async invalidate(
    caller: Caller,
    what: { readonly tables?: readonly string[]; readonly tags?: readonly string[]; readonly model?: string },
  ): Promise<number> {
    policy.require(caller, 'llm-cache:invalidate');
    const tags = [...(what.tables ?? []), ...(what.tags ?? [])];
    return this.deps.cache.invalidate(caller.tenantId, {
      ...(tags.length > 0 ? { tags } : {}),
      ...(what.model ? { model: what.model } : {}),
    });
  }
}
