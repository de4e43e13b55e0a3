import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import { isPrivateAddress } from './addresses';
import { AddressRefused, createGuardedFetch } from './guarded-fetch';

it.each([
  '127.0.0.1',
  '10.1.2.3',
  '172.16.0.1',
  '192.168.1.1',
  '169.254.169.254',
  '100.64.0.1',
  '0.0.0.0',
  '224.0.0.1',
  '::1',
  '::',
  'fe80::1',
  'fc00::1',
  '::ffff:127.0.0.1',
  '64:ff9b::7f00:1',
  '2002:7f00:1::',
  'nonsense',
])('%s is not public', (address) => expect(isPrivateAddress(address)).toBe(true));

it.each(['8.8.8.8', '1.1.1.1', '2606:4700:4700::1111'])('%s is public', (address) => expect(isPrivateAddress(address)).toBe(false));

describe('a guarded fetch', () => {
  const network = createGuardedFetch();
  afterAll(() => network.close());

  it.each([
    'http://127.0.0.1/',
    'http://2130706433/',
    'http://0x7f.1/',
    'http://017700000001/',
    'http://[::1]/',
    'http://[::ffff:127.0.0.1]/',
    'http://169.254.169.254/latest',
    'http://localhost/',
  ])('refuses %s when asked and when connecting', async (url) => {
    await expect(network.check(url)).rejects.toBeInstanceOf(AddressRefused);
    const error: unknown = await network.public.fetch(url).then(
      () => null,
      (thrown: unknown) => thrown,
    );
    const refused = error instanceof AddressRefused ? error : (error as Error).cause;
    expect(refused).toBeInstanceOf(AddressRefused);
  });

  it('refuses other protocols', async () => {
    await expect(network.public.fetch('file:///etc/passwd')).rejects.toBeInstanceOf(AddressRefused);
  });

  it('never follows a redirect, not even where private addresses are allowed', async () => {
    const hits: string[] = [];
    const server = createServer((request, response) => {
      hits.push(request.url ?? '');
      response.writeHead(307, { location: '/elsewhere' }).end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const open = createGuardedFetch({ allowPrivate: true });
    await expect(open.public.fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`)).rejects.toThrow('redirects');
    expect(hits).toEqual(['/v1']);
    await open.close();
    await new Promise((resolve) => server.close(resolve));
  });
});
