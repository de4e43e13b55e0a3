import { createSecretKey, type KeyObject } from 'node:crypto';

import jwt, { type Algorithm, type JwtPayload } from 'jsonwebtoken';
import { JwksClient } from 'jwks-rsa';
import { z } from 'zod';

import { errors } from '#platform/errors';

import { roles, tiers, type Role, type Tier } from './caller';

/** What a verified token says. Becomes a Caller once the tenant's record has decided the tier. */
export interface VerifiedToken {
  readonly tenantId: string;
  readonly userId: string;
  readonly roles: readonly Role[];
  readonly tier?: Tier;
  readonly scopes?: readonly string[];
  readonly attributes?: Readonly<Record<string, string | readonly string[]>>;
  /** Seconds since 1970. */
  readonly expiresAt: number;
}

export interface TokenVerifierOptions {
  /** HS256 with this secret, or RS256/ES256 with keys from the JWKS address. The token's header never chooses. */
  readonly key: { readonly secret: string } | { readonly jwksUrl: string; readonly algorithms: readonly ('RS256' | 'ES256')[] };
  readonly issuer?: string;
  readonly audience?: string;
  /** Roles of a token that names none. @default ['analyst'] */
  readonly defaultRoles?: readonly Role[];
  /** Allowed clock difference. @default 30 seconds, at most 60 */
  readonly leewaySeconds?: number;
}

export interface TokenVerifier {
  /** Throws UNAUTHORIZED; the reason is in `cause` for the log and never in the answer. */
  verify(token: string | undefined): Promise<VerifiedToken>;
}

const identifier = z.string().min(1).max(200);
const claims = z.object({
  tenant_id: identifier,
  user_id: identifier.optional(),
  sub: identifier.optional(),
  roles: z.union([z.array(z.string()), z.string().transform((text) => text.split(/[\s,]+/))]).optional(),
  tier: z.string().optional(),
  scope: z.union([z.string().transform((text) => text.split(/\s+/).filter(Boolean)), z.array(z.string())]).optional(),
  attributes: z.record(z.string(), z.union([z.string(), z.array(z.string())])).optional(),
  exp: z.number(),
  iat: z.number().optional(),
});

/** Marks tokens that processes sign for each other; a user's token never has it (RFC 8725 §3.11–3.12: exclusive kinds). */
export const internalTokenType = 'parley-context+jwt';

/** Verifies user tokens by RFC 8725: algorithm fixed by configuration, `exp nbf iss aud` checked, header fields trusted for nothing but `kid`. */
export function createTokenVerifier(options: TokenVerifierOptions): TokenVerifier {
  const { key, issuer, audience, defaultRoles = ['analyst'] } = options;
  const clockTolerance = Math.min(options.leewaySeconds ?? 30, 60);
  const algorithms: Algorithm[] = 'secret' in key ? ['HS256'] : [...key.algorithms];
  // As a key object: of a text the library would first try to read a public key, at each request.
  const secret = 'secret' in key ? Promise.resolve(createSecretKey(Buffer.from(key.secret))) : null;
  const findKey: (kid: string | undefined) => Promise<KeyObject | string> = 'secret' in key ? () => secret! : jwksKeys(key.jwksUrl);

  return {
    async verify(token) {
      if (!token) throw errors.UNAUTHORIZED({ hint: 'send "Authorization: Bearer <token>"' });
      try {
        const header = readHeader(token);
        if (!algorithms.includes(header.alg as Algorithm)) throw new Error(`algorithm ${header.alg} is not configured`);
        if (header.typ && header.typ.toLowerCase() !== 'jwt') throw new Error(`token type ${header.typ} is not a user token`);
        const payload = jwt.verify(token, await findKey(header.kid), {
          algorithms,
          clockTolerance,
          ...(issuer ? { issuer } : {}),
          ...(audience ? { audience } : {}),
        });
        return toVerified(payload as JwtPayload, defaultRoles, clockTolerance);
      } catch (cause) {
        if (isUpstream(cause)) throw cause;
        throw errors.UNAUTHORIZED(
          { hint: 'the token is missing a claim, expired, not yet valid, or not signed by the expected key' },
          { cause },
        );
      }
    },
  };
}

const isUpstream = (cause: unknown): boolean => (cause as { code?: string } | undefined)?.code === 'SERVICE_UNAVAILABLE';

function readHeader(token: string): { alg: string; kid?: string; typ?: string } {
  if (token.length > 16_384) throw new Error('token is longer than 16 KiB');
  const decoded = jwt.decode(token, { complete: true });
  if (!decoded) throw new Error('not a JWT');
  const { alg, kid, typ } = decoded.header;
  if (kid !== undefined && (typeof kid !== 'string' || !/^[\w.~=+-]{1,200}$/.test(kid))) throw new Error('kid is malformed');
  return { alg, ...(kid ? { kid } : {}), ...(typ ? { typ } : {}) };
}

function toVerified(payload: JwtPayload, defaultRoles: readonly Role[], leewaySeconds: number): VerifiedToken {
  const claim = claims.parse(payload);
  const now = Date.now() / 1000;
  if (claim.iat !== undefined && claim.iat > now + leewaySeconds) throw new Error('iat lies in the future');
  const userId = claim.user_id ?? claim.sub;
  if (!userId) throw new Error('neither user_id nor sub is present');
  const known = claim.roles?.filter((role): role is Role => (roles as readonly string[]).includes(role));
  const tier = (tiers as readonly string[]).includes(claim.tier ?? '') ? (claim.tier as Tier) : undefined;
  return {
    tenantId: claim.tenant_id,
    userId,
    // A token that names only unknown roles gets the least of ours, not the default.
    roles: known ? (known.length > 0 ? known : ['viewer']) : defaultRoles,
    ...(tier ? { tier } : {}),
    ...(claim.scope ? { scopes: claim.scope } : {}),
    ...(claim.attributes ? { attributes: claim.attributes } : {}),
    expiresAt: claim.exp,
  };
}

/**
 * Keys by `kid` from a JWKS address. An unknown `kid` costs at most one refresh in ten seconds for all requests together, so that
 * a flood of them neither hammers the issuer nor uses up a rotation's turn; keys that are known never wait.
 */
function jwksKeys(jwksUri: string): (kid: string | undefined) => Promise<string> {
  const client = new JwksClient({ jwksUri, cache: false, timeout: 5_000 });
  const minimumRefreshMs = 10_000;
  const maximumStaleMs = 24 * 3_600_000;
  let keys = new Map<string, string>();
  let fetchedAt = 0;
  let attemptedAt = 0;
  let inFlight: Promise<void> | undefined;

  const refresh = (): Promise<void> => {
    attemptedAt = Date.now();
    inFlight ??= client
      .getSigningKeys()
      .then((found) => {
        keys = new Map(found.map((entry) => [entry.kid, entry.getPublicKey()]));
        fetchedAt = Date.now();
      })
      .catch((cause: unknown) => {
        if (Date.now() - fetchedAt > maximumStaleMs) throw errors.SERVICE_UNAVAILABLE({}, { cause });
      })
      .finally(() => {
        inFlight = undefined;
      });
    return inFlight;
  };

  return async (kid) => {
    const stale = Date.now() - fetchedAt > 600_000;
    if (stale && Date.now() - attemptedAt > minimumRefreshMs) await refresh();
    if (kid && !keys.has(kid) && Date.now() - attemptedAt > minimumRefreshMs) await refresh();
    else if (inFlight && kid && !keys.has(kid)) await inFlight;
    const key = kid ? keys.get(kid) : keys.size === 1 ? [...keys.values()][0] : undefined;
    if (!key) throw new Error('no key with this kid');
    return key;
  };
}
