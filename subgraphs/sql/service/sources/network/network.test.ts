import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import { checkConnection } from '../connection';
import { createVault } from '../vault';
import { isPublicAddress, resolveAddress } from './address';
import { PinnedHttp, TooLarge } from './pinned-http';

it.each([
  '127.0.0.1',
  '10.0.0.1',
  '172.16.3.4',
  '192.168.1.1',
  '169.254.169.254',
  '0.0.0.0',
  '100.64.0.1',
  '::1',
  '::',
  'fd00::1',
  'fe80::1',
  '::ffff:127.0.0.1',
  '::ffff:10.0.0.1',
  '64:ff9b::7f00:1',
  '224.0.0.1',
  '255.255.255.255',
  'nonsense',
])('takes %s for no public address', (address) => expect(isPublicAddress(address)).toBe(false));

it.each(['8.8.8.8', '2606:4700:4700::1111'])('takes %s for a public address', (address) => expect(isPublicAddress(address)).toBe(true));

it.each(['127.0.0.1', 'localhost', '[::1]', '0x7f.1', '2130706433', '127.1'])(
  'does not reach %s unless the deployment allows it',
  async (host) => {
    await expect(resolveAddress(host, {})).rejects.toHaveCode('INVALID_REQUEST');
  },
);

it('reaches private hosts where the deployment allows it', async () => {
  expect(await resolveAddress('127.0.0.1', { allowPrivateHosts: true })).toBe('127.0.0.1');
});

it('names the setting that is wrong', async () => {
  const allow = { allowPrivateHosts: true };
  await expect(checkConnection('postgresql', { host: '127.0.0.1' }, allow)).rejects.toThrow(/connection\.database/);
  await expect(checkConnection('postgresql', { host: '127.0.0.1', database: 'x', sslmode: 'no' }, allow)).rejects.toThrow(
    /connection\.sslmode.*host, ssl, user, port, database, schema/,
  );
  await expect(checkConnection('trino', { hots: 'x', catalog: 'a', schema: 'b' }, allow)).rejects.toThrow(/connection\.hots/);
  await expect(checkConnection('mysql', { host: 'a b', database: 'x' }, allow)).rejects.toThrow(/connection\.host/);
  await expect(checkConnection('mysql', { host: '127.0.0.1', database: 'x', port: 70_000 }, allow)).rejects.toThrow(/connection\.port/);
  expect(await checkConnection('postgresql', { host: '127.0.0.1', database: 'x' }, allow)).toEqual({
    host: '127.0.0.1',
    ssl: false,
    port: 5432,
    database: 'x',
    schema: 'public',
  });
});

describe('HTTP to one address', () => {
  const server = createServer((request, response) => {
    if (request.url === '/redirect') response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end('moved');
    else response.end('x'.repeat(10_000));
  });
  let http: PinnedHttp;
  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    http = new PinnedHttp({ host: 'localhost', port: (server.address() as AddressInfo).port, ssl: false }, { allowPrivateHosts: true });
  });
  afterAll(async () => {
    await http.close();
    server.closeAllConnections();
    server.close();
  });

  it('does not follow redirects', async () => {
    expect((await http.call({ method: 'GET', path: '/redirect' })).status).toBe(302);
  });

  it('reads no more than it may', async () => {
    await expect(http.call({ method: 'GET', path: '/', maxBytes: 100 })).rejects.toBeInstanceOf(TooLarge);
  });
});

describe('the vault', () => {
  const vault = createVault('a key of the deployment that is long enough');

  it('opens what it sealed, and seals the same thing differently each time', () => {
    const sealed = [vault.seal({ password: 'secret' }), vault.seal({ password: 'secret' })];
    expect(sealed.map((text) => vault.open(text))).toEqual([{ password: 'secret' }, { password: 'secret' }]);
    expect(sealed[0]).not.toBe(sealed[1]);
    expect(sealed.join()).not.toContain('secret');
  });

  it('opens nothing under another key, and nothing that was changed', () => {
    const sealed = vault.seal({ password: 'secret' });
    expect(() => createVault('another key of another deployment').open(sealed)).toThrow();
    const parts = sealed.split('.');
    parts[3] = Buffer.from('{"password":"other"}').toString('base64url');
    expect(() => vault.open(parts.join('.'))).toThrow();
    expect(() => vault.open('v0.a.b.c')).toThrow();
  });
});
