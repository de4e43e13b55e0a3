import type { Caller } from '#platform/auth';
import { errors } from '#platform/errors';

import type { Parameter } from '../view/parameters';

type Values = Readonly<Record<string, unknown>>;

/**
 * Clients of the first service repeat their tenant and user in bodies and query strings. The token decides who somebody is: the same name is
 * accepted, another is FORBIDDEN. A route whose own parameter bears the name (a list filtered by user) keeps it.
 */
export function requireOwnIdentity(caller: Caller, places: readonly Values[], parameters: readonly Parameter[]): void {
  const own = { tenant_id: caller.tenantId, user_id: caller.userId };
  for (const [key, expected] of Object.entries(own)) {
    if (key === 'user_id' && parameters.some((parameter) => parameter.key === key)) continue;
    for (const values of places) {
      if (Object.hasOwn(values, key) && values[key] !== expected) {
        throw errors.FORBIDDEN({ hint: `${key} differs from the token's; leave it out` }, { field: key });
      }
    }
  }
}
