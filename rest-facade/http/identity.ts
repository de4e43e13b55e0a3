import type { Caller } from '#platform/auth';
import { errors } from '#platform/errors';

import type { Parameter } from '../view/parameters';

type Values = Readonly<Record<string, unknown>>;

/**
 * Clients of the first service repeat their tenant and user in bodies and query strings. The token decides who somebody is: the same name is
 * accepted, another is FORBIDDEN. A route whose own parameter bears the name (a list filtered by user) keeps it.
 */
export function ownIdentity(parameters: readonly Parameter[]): (caller: Caller, values: Values) => void {
  const takesUser = parameters.some(({ key }) => key === 'user_id');
  return (caller, values) => {
    requireOwn(values, 'tenant_id', caller.tenantId);
    if (!takesUser) requireOwn(values, 'user_id', caller.userId);
  };
}

function requireOwn(values: Values, key: string, expected: string): void {
  if (Object.hasOwn(values, key) && values[key] !== expected)
    throw errors.FORBIDDEN({ hint: `${key} differs from the token's; leave it out` }, { field: key });
}
