import type { Caller } from '#platform/auth';

import { guardStatement, type GuardedStatement } from './engine/policy';
import type { SqlCheck } from './guard';
import type { ReadySource } from './sources/ready-source';

export type GuardedSql = GuardedStatement;

/** Compiles a source's row policies into a checked statement and proves that every scan of a guarded table is guarded. */
export interface RowGuard {
  apply(caller: Caller, source: ReadySource, checked: SqlCheck): Promise<GuardedSql>;
}

export function createRowGuard(): RowGuard {
  return {
    apply: (caller, source, checked) =>
      guardStatement(checked.normalizedSql, source, {
        roles: caller.roles,
        attributes: { ...caller.attributes, id: caller.userId, tenant: caller.tenantId },
      }),
  };
}
