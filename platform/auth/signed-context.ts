import { randomUUID } from 'node:crypto';

import jwt from 'jsonwebtoken';
import { z } from 'zod';

import { errors } from '#platform/errors';

import { roles, tiers, type Caller } from './caller';
import { internalTokenType } from './token-verifier';

const issuer = 'parley-gateway';
const audience = 'parley-subgraph';
const lifetimeSeconds = 30;

const payload = z.object({
  jti: z.string(),
  caller: z.object({
    tenantId: z.string(),
    userId: z.string(),
    roles: z.array(z.enum(roles)),
    tier: z.enum(tiers),
    scopes: z.array(z.string()).optional(),
    attributes: z.record(z.string(), z.union([z.string(), z.array(z.string())])).optional(),
    expiresAt: z.number().optional(),
  }),
  requestId: z.string(),
});

export interface SignedContext {
  readonly caller: Caller;
  readonly requestId: string;
}

/** The caller and request as one header value that another of our processes can trust for 30 seconds. */
export function signContext(secret: string, { caller, requestId }: SignedContext): string {
  return jwt.sign({ caller, requestId }, secret, {
    algorithm: 'HS256',
    expiresIn: lifetimeSeconds,
    issuer,
    audience,
    jwtid: randomUUID(),
    header: { alg: 'HS256', typ: internalTokenType },
  });
}

/** Accepts what `signContext` made with the same secret; a user's token, even a valid one, is UNAUTHORIZED here. */
export function verifySignedContext(secret: string, token: string | undefined): SignedContext {
  if (!token) throw errors.UNAUTHORIZED({ hint: 'a subgraph accepts only requests that the gateway has signed' });
  try {
    const decoded = jwt.verify(token, secret, {
      algorithms: ['HS256'],
      issuer,
      audience,
      complete: true,
      clockTolerance: 5,
      maxAge: `${lifetimeSeconds}s`,
    });
    if (decoded.header.typ !== internalTokenType) throw new Error('not an internal token');
    const { caller, requestId } = payload.parse(decoded.payload);
    return { caller, requestId };
  } catch (cause) {
    throw errors.UNAUTHORIZED({ hint: 'a subgraph accepts only requests that the gateway has signed' }, { cause });
  }
}
