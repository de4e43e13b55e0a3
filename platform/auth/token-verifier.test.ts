import { createHmac, generateKeyPairSync, randomUUID, type KeyObject } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import jwt from 'jsonwebtoken';

import { createTokenVerifier, mintToken, signContext, verifySignedContext } from './index';

const secret = 'a-secret-of-at-least-thirty-two-characters';
const claims = { tenant_id: 'acme', user_id: 'ada' };
const sign = (payload: object, options: jwt.SignOptions = { expiresIn: 60 }, key = secret): string =>
  jwt.sign(payload, key, { algorithm: 'HS256', ...options });
const verifier = createTokenVerifier({ key: { secret } });
const segment = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

describe('a user token signed with the secret', () => {
  it('becomes tenant, user, roles, tier and scopes', async () => {
    const token = sign({
      ...claims,
      roles: ['admin', 'astronaut'],
      tier: 'standard',
      scope: 'sql:read sql:run',
      attributes: { region: 'Europe' },
    });
    await expect(verifier.verify(token)).resolves.toMatchObject({
      tenantId: 'acme',
      userId: 'ada',
      roles: ['admin'],
      tier: 'standard',
      scopes: ['sql:read', 'sql:run'],
      attributes: { region: 'Europe' },
    });
  });

  it('takes the user from sub, and the default role where it names none', async () => {
    await expect(verifier.verify(sign({ tenant_id: 'acme', sub: 'bob' }))).resolves.toMatchObject({ userId: 'bob', roles: ['analyst'] });
  });

  it('gets the least role where it names only roles that do not exist', async () => {
    await expect(verifier.verify(sign({ ...claims, roles: ['root'] }))).resolves.toMatchObject({ roles: ['viewer'] });
  });
});

describe('refused with UNAUTHORIZED', () => {
  const now = Math.floor(Date.now() / 1000);
  const strict = createTokenVerifier({ key: { secret }, issuer: 'https://issuer', audience: 'parley' });
  const good: jwt.SignOptions = { expiresIn: 60, issuer: 'https://issuer', audience: 'parley' };

  it.each(['none', 'None', 'nOnE'])('an unsigned token that says alg %s', async (alg) => {
    const token = `${segment({ alg, typ: 'JWT' })}.${segment({ ...claims, exp: now + 60 })}.`;
    await expect(verifier.verify(token)).rejects.toHaveCode('UNAUTHORIZED');
  });

  it.each([
    ['nothing', undefined],
    ['an empty text', ''],
    ['no JWT at all', 'not.a.token'],
    ['another secret', sign(claims, { expiresIn: 60 }, 'another-secret-of-thirty-two-characters!')],
    ['a token without exp', sign(claims, {})],
    ['an expired token', sign({ ...claims, exp: now - 120 }, {})],
    ['a token that is not valid yet', sign({ ...claims, nbf: now + 600 })],
    ['a token from the future', sign({ ...claims, iat: now + 3600, exp: now + 7200 }, {})],
    ['no tenant', sign({ user_id: 'ada' })],
    ['a list of tenants', sign({ ...claims, tenant_id: ['acme', 'globex'] })],
    ['a number for a tenant', sign({ ...claims, tenant_id: 7 })],
    ['no user', sign({ tenant_id: 'acme' })],
    [
      'a context token of another process',
      signContext(secret, { caller: { tenantId: 'acme', userId: 'ada', roles: ['admin'], tier: 'free' }, requestId: 'r' }),
    ],
    ['a key id that is a path', sign(claims, { expiresIn: 60, keyid: '../../etc/passwd' })],
    ['a key id of ten kilobytes', sign(claims, { expiresIn: 60, keyid: 'k'.repeat(10_240) })],
  ])('%s', async (_name, token) => {
    await expect(verifier.verify(token)).rejects.toHaveCode('UNAUTHORIZED');
  });

  it('the wrong issuer or audience, or none', async () => {
    await expect(strict.verify(sign(claims, good))).resolves.toBeDefined();
    await expect(strict.verify(sign(claims, { ...good, issuer: 'https://other' }))).rejects.toHaveCode('UNAUTHORIZED');
    await expect(strict.verify(sign(claims, { ...good, audience: 'other' }))).rejects.toHaveCode('UNAUTHORIZED');
    await expect(strict.verify(sign(claims, { expiresIn: 60 }))).rejects.toHaveCode('UNAUTHORIZED');
  });

  it('tells the caller nothing about the reason', async () => {
    const refusals = [sign(claims, {}), sign({ user_id: 'ada' }), 'not.a.token'].map((token) =>
      verifier.verify(token).catch((error: Error) => error.message),
    );
    expect(new Set(await Promise.all(refusals)).size).toBe(1);
  });
});

describe('keys from a JWKS address', () => {
  const pairs = new Map<string, { publicKey: KeyObject; privateKey: KeyObject }>();
  const served = new Set<string>();
  let fetches = 0;
  let server: Server;
  let jwksUrl: string;

  const addKey = (kid: string): void => {
    pairs.set(kid, generateKeyPairSync('rsa', { modulusLength: 2048 }));
    served.add(kid);
  };
  const tokenOf = (kid: string, overrides: object = {}): string =>
    jwt.sign({ ...claims, ...overrides }, pairs.get(kid)!.privateKey, { algorithm: 'RS256', keyid: kid, expiresIn: 60 });

  beforeAll(async () => {
    addKey('first');
    server = createServer((_request, response) => {
      fetches += 1;
      const keys = [...served].map((kid) => ({ ...pairs.get(kid)!.publicKey.export({ format: 'jwk' }), kid, use: 'sig', alg: 'RS256' }));
      response.setHeader('content-type', 'application/json').end(JSON.stringify({ keys }));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    jwksUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/keys`;
  });
  afterAll(() => new Promise((resolve) => server.close(resolve)));

  const make = () => createTokenVerifier({ key: { jwksUrl, algorithms: ['RS256'] } });

  it('verify what they signed', async () => {
    await expect(make().verify(tokenOf('first'))).resolves.toMatchObject({ tenantId: 'acme' });
  });

  it('cannot be used as an HMAC secret (algorithm confusion)', async () => {
    const pem = pairs.get('first')!.publicKey.export({ type: 'spki', format: 'pem' }).toString();
    const unsigned = `${segment({ alg: 'HS256', typ: 'JWT', kid: 'first' })}.${segment({ ...claims, exp: Math.floor(Date.now() / 1000) + 60 })}`;
    const forged = `${unsigned}.${createHmac('sha256', pem).update(unsigned).digest('base64url')}`;
    await expect(make().verify(forged)).rejects.toHaveCode('UNAUTHORIZED');
  });

  it('are asked for once, however many unknown key ids come at the same time', async () => {
    const verify = make();
    await verify.verify(tokenOf('first'));
    const before = fetches;
    pairs.set('ghost', generateKeyPairSync('rsa', { modulusLength: 2048 }));
    const ghost = tokenOf('ghost');
    const outcomes = await Promise.allSettled(Array.from({ length: 200 }, () => verify.verify(ghost)));
    expect(outcomes.every(({ status }) => status === 'rejected')).toBe(true);
    expect(fetches - before).toBeLessThanOrEqual(1);
    await expect(verify.verify(tokenOf('first'))).resolves.toBeDefined();
  });

  it('are not replaced by a key that the token itself brings', async () => {
    const own = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const header = { alg: 'RS256' as const, kid: 'first', jku: jwksUrl, jwk: own.publicKey.export({ format: 'jwk' }) };
    const forged = jwt.sign(claims, own.privateKey, { algorithm: 'RS256', expiresIn: 60, header: header as never });
    await expect(make().verify(forged)).rejects.toHaveCode('UNAUTHORIZED');
  });
});

describe('context between processes', () => {
  const caller = { tenantId: 'acme', userId: 'ada', roles: ['analyst' as const], tier: 'free' as const };

  it('arrives as it was signed', () => {
    const requestId = randomUUID();
    expect(verifySignedContext(secret, signContext(secret, { caller, requestId }))).toEqual({ caller, requestId });
  });

  it('is refused with another secret, and a user token is never context', () => {
    expect(() =>
      verifySignedContext('another-secret-of-thirty-two-characters!', signContext(secret, { caller, requestId: 'r' })),
    ).toThrow();
    expect(() => verifySignedContext(secret, mintToken(secret, { tenantId: 'acme', userId: 'ada' }))).toThrow();
    expect(() => verifySignedContext(secret, undefined)).toThrow();
  });
});
