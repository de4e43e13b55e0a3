import { roles, type Caller, type Role } from '#platform/auth';
import { errors } from '#platform/errors';

import type { SqlCheck } from './guard';
import type { RowPolicy } from './semantic-model';
import type { ReadySource } from './sources/ready-source';

export interface GuardedSql {
  readonly sql: string;
  /** Part of cache keys: callers who may see other rows never share a result. */
  readonly policyKey: string;
}

/** Lets a statement run only where the source's row policies leave the caller every row of every table that it scans. */
export interface RowGuard {
  apply(caller: Caller, source: ReadySource, checked: SqlCheck): GuardedSql;
}

const named = (caller: Caller, names: readonly string[]): boolean =>
  names.some((name) => ((roles as readonly string[]).includes(name) ? caller.roles.includes(name as Role) : false));

export function policiesFor(caller: Caller, policies: readonly RowPolicy[]): RowPolicy[] {
  return policies.filter(({ roles: only, except }) => (!only || named(caller, only)) && !(except && named(caller, except)));
}

export function createRowGuard(): RowGuard {
  return {
    apply(caller, source, checked) {
      const policies = policiesFor(caller, source.model.policies);
      if (policies.length === 0) return { sql: checked.normalizedSql, policyKey: 'none' };
      const guarded = new Set(policies.map(({ entity }) => (source.model.entities.find(({ name }) => name === entity)?.table ?? entity).toLowerCase()));
      const scanned = checked.tables.map((table) => table.split('.').at(-1)!.toLowerCase());
      const hit = scanned.find((table) => guarded.has(table));
      if (hit !== undefined) {
        throw errors.FORBIDDEN({ hint: `${hit} is guarded by a row policy; ask a question instead of writing SQL` });
      }
      return { sql: checked.normalizedSql, policyKey: policies.map(({ name }) => name).sort().join(',') };
    },
  };
}
