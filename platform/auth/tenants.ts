import type { Database } from '#platform/db';
import { errors } from '#platform/errors';

import { tiers, type Caller, type Tier } from './caller';
import type { VerifiedToken } from './token-verifier';

export interface TenantRecord {
  readonly id: string;
  readonly tier: Tier;
  readonly status: 'active' | 'suspended';
}

interface TenantTables {
  tenants: { id: string; tier: string; status: string; created_at: Date };
}

export interface TenantDirectory {
  /** The caller behind a token: tier from the tenant's record, FORBIDDEN for a suspended tenant. */
  toCaller(token: VerifiedToken): Promise<Caller>;
  setTier(tenantId: string, tier: Tier): Promise<TenantRecord>;
  setStatus(tenantId: string, status: TenantRecord['status']): Promise<TenantRecord>;
  find(tenantId: string): Promise<TenantRecord | null>;
  /** Ids of all suspended tenants, read from the database. */
  suspended(): Promise<ReadonlySet<string>>;
}

export interface TenantDirectoryOptions {
  readonly db: Database;
  /** True: a tenant appears with its first valid token. False: a token of an unknown tenant is FORBIDDEN. @default true */
  readonly createOnFirstToken?: boolean;
  /** True where the token's issuer is trusted to state the tier. @default false */
  readonly trustTierClaim?: boolean;
  /** How long a record is remembered; a changed tier or status holds after at most this. @default 5_000 ms */
  readonly cacheMs?: number;
  readonly now?: () => number;
}

export function createTenantDirectory(options: TenantDirectoryOptions): TenantDirectory {
  const { createOnFirstToken = true, trustTierClaim = false, cacheMs = 5_000, now = Date.now } = options;
  const db = options.db.withTables<TenantTables>();
  const cache = new Map<string, { record: TenantRecord; until: number }>();

  const remember = (record: TenantRecord): TenantRecord => {
    if (cache.size > 10_000) cache.clear();
    cache.set(record.id, { record, until: now() + cacheMs });
    return record;
  };
  const toRecord = (row: { id: string; tier: string; status: string }): TenantRecord => ({
    id: row.id,
    tier: (tiers as readonly string[]).includes(row.tier) ? (row.tier as Tier) : 'free',
    status: row.status === 'suspended' ? 'suspended' : 'active',
  });

  const find = async (tenantId: string): Promise<TenantRecord | null> => {
    const row = await db.asSystem((tx) =>
      tx.selectFrom('tenants').select(['id', 'tier', 'status']).where('id', '=', tenantId).executeTakeFirst(),
    );
    return row ? toRecord(row) : null;
  };

  const upsert = (tenantId: string, change: { tier?: Tier; status?: string }): Promise<TenantRecord> =>
    db.asSystem(async (tx) => {
      const row = await tx
        .insertInto('tenants')
        .values({ id: tenantId, tier: change.tier ?? 'free', status: change.status ?? 'active', created_at: new Date(now()) })
        .onConflict((conflict) => conflict.column('id').doUpdateSet({ id: tenantId, ...change }))
        .returning(['id', 'tier', 'status'])
        .executeTakeFirstOrThrow();
      return toRecord(row);
    });

  return {
    find,
    setTier: async (tenantId, tier) => remember(await upsert(tenantId, { tier })),
    setStatus: async (tenantId, status) => remember(await upsert(tenantId, { status })),
    suspended: async () =>
      new Set(
        (await db.asSystem((tx) => tx.selectFrom('tenants').select('id').where('status', '=', 'suspended').execute())).map(({ id }) => id),
      ),
    async toCaller(token) {
      const known = cache.get(token.tenantId);
      const record = known && known.until > now() ? known.record : await load(token.tenantId);
      if (record.status === 'suspended') throw errors.FORBIDDEN({ hint: 'this tenant is suspended' });
      const { tenantId, userId, roles, scopes, attributes, expiresAt } = token;
      const tier = (trustTierClaim && token.tier) || record.tier;
      return { tenantId, userId, roles, tier, expiresAt, ...(scopes ? { scopes } : {}), ...(attributes ? { attributes } : {}) };
    },
  };

  async function load(tenantId: string): Promise<TenantRecord> {
    const found = await find(tenantId);
    if (found) return remember(found);
    if (!createOnFirstToken) throw errors.FORBIDDEN({ hint: 'this tenant is not known here' });
    return remember(await upsert(tenantId, {}));
  }
}
