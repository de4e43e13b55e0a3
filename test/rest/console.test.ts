import { restWorld, type RestWorld } from './kit/world';

let w: RestWorld;
beforeAll(async () => {
  w = await restWorld();
});
afterAll(() => w[Symbol.asyncDispose]());

const get = (address: string) => w.send(address, { token: null });

/** Addresses of our own server that a page or module names. */
const named = (text: string): string[] => [
  ...[...text.matchAll(/(?:src|href)="(\/[^"]+)"/g)].map(([, address]) => address!),
  ...[...text.matchAll(/from '\.\/([\w-]+\.js)'/g)].map(([, file]) => `/console/${file}`),
];

it('is one page at /, served without a token', async () => {
  const { status, headers, text } = await get('/');
  expect([status, headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
  expect(text).toContain('<title>Parley</title>');
});

it('runs under a policy that allows its own files and nothing else', async () => {
  const { headers, text } = await get('/');
  const policy = headers.get('content-security-policy')!;
  expect(policy).toContain("default-src 'none'");
  expect(policy).toContain("script-src 'self';");
  expect(policy).not.toMatch(/unsafe-eval|https?:|\*/);
  expect(text).not.toMatch(/<script(?![^>]*\bsrc=)/);
  expect(text).not.toMatch(/\son\w+=|style="/);
});

it('names only files that are there, and no other host', async () => {
  const seen = new Set<string>();
  const queue = ['/'];
  while (queue.length > 0) {
    const address = queue.pop()!;
    const { status, text } = await get(address);
    expect([address, status]).toEqual([address, 200]);
    if (address === '/' || /^\/console\/[^/]+$/.test(address)) {
      expect(text.replace('http://www.w3.org/2000/svg', '')).not.toMatch(/https?:\/\/\w/);
      for (const next of named(text)) {
        if (!seen.has(next) && next !== address) queue.push(next);
        seen.add(next);
      }
    }
  }
  expect([...seen]).toEqual(expect.arrayContaining(['/console/app.js', '/console/ask.js', '/console/vendor/vega-interpreter.min.js']));
});

it('never gives a file that is not on its list', async () => {
  for (const address of ['/console/../package.json', '/console/%2e%2e/package.json', '/console/vendor/vega.js', '/console/']) {
    expect((await get(address)).status).toBe(404);
  }
});

it('takes no writes', async () => {
  const { status, headers } = await w.send('/', { method: 'POST', body: {} });
  expect([status, headers.get('allow')]).toEqual([405, 'GET, HEAD']);
});
