import jwt from 'jsonwebtoken';

import type { Role } from './caller';

export interface TokenRequest {
  readonly tenantId: string;
  readonly userId: string;
  readonly roles?: readonly Role[];
  readonly scope?: string;
  readonly attributes?: Readonly<Record<string, string>>;
  /** @default 86_400 seconds */
  readonly lifetimeSeconds?: number;
  readonly issuer?: string;
  readonly audience?: string;
}

/** A development token, HS256. Production tokens come from the deployment's own issuer. */
export function mintToken(secret: string, request: TokenRequest): string {
  const { tenantId, userId, roles, scope, attributes, lifetimeSeconds = 86_400, issuer, audience } = request;
  return jwt.sign({ tenant_id: tenantId, user_id: userId, roles, scope, attributes }, secret, {
    algorithm: 'HS256',
    expiresIn: lifetimeSeconds,
    ...(issuer ? { issuer } : {}),
    ...(audience ? { audience } : {}),
  });
}
