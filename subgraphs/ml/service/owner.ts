import type { Caller } from '#platform/auth';

/** Who a later job acts as: the caller with the rights of now, and no token's end. */
export const ownerOf = ({ tenantId, userId, roles, tier, scopes, attributes }: Caller): Caller => ({
  tenantId,
  userId,
  roles,
  tier,
  ...(scopes ? { scopes } : {}),
  ...(attributes ? { attributes } : {}),
});
