import { errors } from '#platform/errors';

/** From least to most: each role may do what the roles before it may. */
export const roles = ['viewer', 'analyst', 'editor', 'admin'] as const;
export type Role = (typeof roles)[number];

export const tiers = ['free', 'standard', 'enterprise'] as const;
export type Tier = (typeof tiers)[number];

/** Who is asking. The first argument of every service method; there is no ambient user. */
export interface Caller {
  readonly tenantId: string;
  readonly userId: string;
  readonly roles: readonly Role[];
  readonly tier: Tier;
  /** Absent: not narrowed. Present: only these permissions (`dashboard:read`) or families (`dashboard:*`) hold. */
  readonly scopes?: readonly string[];
  /** User attributes for row policies (`region: Europe`), from the token's `attributes` claim. */
  readonly attributes?: Readonly<Record<string, string | readonly string[]>>;
  /** Seconds since 1970 at which the token behind this caller ends. */
  readonly expiresAt?: number;
}

export const hasRole = (caller: Caller, minimum: Role): boolean =>
  caller.roles.some((role) => roles.indexOf(role) >= roles.indexOf(minimum));

const inScope = (caller: Caller, permission: string): boolean => {
  if (!caller.scopes) return true;
  const family = `${permission.split(':')[0]}:*`;
  return caller.scopes.includes(permission) || caller.scopes.includes(family);
};

export interface Permissions<Name extends string> {
  /** True where the caller has the role and, if the token names scopes, the scope. */
  may(caller: Caller, permission: Name): boolean;
  /** Throws FORBIDDEN otherwise. The first line of every service method. */
  require(caller: Caller, permission: Name): void;
}

/**
 * A domain's permissions in one table, `noun:verb` → the least role that has it:
 * `export const policy = definePermissions({ 'dashboard:read': 'viewer', 'dashboard:write': 'analyst' })`.
 */
export function definePermissions<Name extends string>(table: Readonly<Record<Name, Role>>): Permissions<Name> {
  const may = (caller: Caller, permission: Name): boolean => hasRole(caller, table[permission]) && inScope(caller, permission);
  return {
    may,
    require(caller, permission) {
      if (may(caller, permission)) return;
      const hint = hasRole(caller, table[permission])
        ? `the token's scope does not include ${permission}`
        : `${permission} needs the role ${table[permission]} or higher`;
      throw errors.FORBIDDEN({ hint });
    },
  };
}
