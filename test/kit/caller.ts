import { randomUUID } from 'node:crypto';

import type { Caller } from '#platform/auth';

/** A caller of a tenant of its own, admin of it unless told otherwise, so that tests can run side by side. */
export const caller = (overrides: Partial<Caller> = {}): Caller => ({
  tenantId: `tenant-${randomUUID()}`,
  userId: `user-${randomUUID()}`,
  roles: ['admin'],
  tier: 'enterprise',
  ...overrides,
});
