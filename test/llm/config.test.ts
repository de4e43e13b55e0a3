import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import { caller } from '../kit/caller';
import { startFakeModel, text } from '../kit/fake-model';
import { ask, llmWorld, provider, question, type Asked, type LlmWorld } from './world';

const update =
  'mutation ($input: UpdateLlmConfigInput!) { updateLlmConfig(input: $input) { version defaultStrategy providers { name enabled hasKey baseUrl models } fallbackChain budgetLimitUsd } }';
const read =
  '{ llmConfig { version defaultStrategy budgetLimitUsd fallbackChain providers { name kind enabled hasKey isShared baseUrl models priority } } }';
const url = 'https://models.example.com/v1';

let world: LlmWorld;
beforeAll(async () => {
  world = await llmWorld();
});
afterAll(() => world[Symbol.asyncDispose]());

it('begins with the built-in engine alone, and no language model', async () => {
  const tenant = world.tenant();
  const { llmConfig } = await tenant.run<{ llmConfig: object }>(read);
  expect(llmConfig).toMatchObject({
    version: 0,
    defaultStrategy: 'QUALITY_OPTIMIZED',
    providers: [{ name: 'builtin', kind: 'BUILTIN', enabled: true, hasKey: false }],
  });
  expect(await world.llm.router.languageModel(tenant.admin)).toBeNull();
});

it('keeps keys: never read back, sealed in the table, dropped with their provider', async () => {
  const tenant = world.tenant();
  await tenant.configure({ providers: [provider({ name: 'mine', url, apiKey: 'sk-very-secret' })] });
  const { llmConfig } = await tenant.run<{ llmConfig: { providers: object[] } }>(read);
  expect(llmConfig.providers).toEqual([expect.objectContaining({ name: 'mine', hasKey: true })]);
  const dump = await world.db
    .withTables<{ llm_configs: object; llm_provider_keys: { sealed: string } }>()
    .inTenant(tenant.admin.tenantId, async (tx) => [
      await tx.selectFrom('llm_configs').selectAll().execute(),
      await tx.selectFrom('llm_provider_keys').selectAll().execute(),
    ]);
  expect(JSON.stringify(dump)).not.toContain('very-secret');
  expect(dump[1]).toHaveLength(1);
  await tenant.configure({ providers: [{ name: 'builtin' }] });
  const keys = await world.db
    .withTables<{ llm_provider_keys: object }>()
    .inTenant(tenant.admin.tenantId, (tx) => tx.selectFrom('llm_provider_keys').selectAll().execute());
  expect(keys).toEqual([]);
});

it('uses the stored key, keeps it over a change without one, and wants it again for another address', async () => {
  await using fake = await startFakeModel();
  await using thief = await startFakeModel();
  const tenant = world.tenant();
  await tenant.configure({ providers: [provider({ name: 'mine', url: fake.url, apiKey: 'sk-mine' })] });
  await tenant.configure({ providers: [provider({ name: 'mine', url: fake.url, priority: 7 })] });
  await tenant.run(ask, question('hello'));
  expect(fake.requests[0]?.headers.authorization).toBe('Bearer sk-mine');
  await expect(tenant.configure({ providers: [provider({ name: 'mine', url: thief.url })] })).rejects.toMatchObject({
    field: 'providers[0].apiKey',
  });
  await tenant.run(ask, question('hello again'));
  expect(thief.requests).toHaveLength(0);
});

describe('a bad configuration is refused with its field, and the old one stays', () => {
  it.each<[string, Record<string, unknown>, string, RegExp]>([
    ['no provider at all', { providers: [] }, 'providers', /no provider at all/],
    ['all disabled', { providers: [{ name: 'builtin', enabled: false }] }, 'providers', /no provider at all/],
    ['an unknown kind', { providers: [{ name: 'mystery' }] }, 'providers[0].kind', /which kind/],
    ['no key where one is needed', { providers: [{ name: 'openai' }] }, 'providers[0].apiKey', /needs a key/],
    ['no address', { providers: [{ name: 'x', kind: 'OPENAI_COMPATIBLE', models: ['m'] }] }, 'providers[0].baseUrl', /base URL/],
    [
      'no models',
      { providers: [{ name: 'x', kind: 'OPENAI_COMPATIBLE', baseUrl: url, models: [] }] },
      'providers[0].models',
      /at least one model/,
    ],
    ['two of a name', { providers: [provider({ name: 'x', url }), provider({ name: 'x', url })] }, 'providers', /twice/],
    ['an address that is none', { providers: [provider({ url: 'models.example.com' })] }, 'providers[0].baseUrl', /http or https/],
    ['a file address', { providers: [provider({ url: 'file:///etc/passwd' })] }, 'providers[0].baseUrl', /http or https/],
    [
      'credentials in the address',
      { providers: [provider({ url: 'https://me:secret@models.example.com/v1' })] },
      'providers[0].baseUrl',
      /credentials/,
    ],
    ['a chain of strangers', { fallbackChain: ['nobody'] }, 'fallbackChain[0]', /not a configured/],
    ['a negative budget', { budgetLimitUsd: -1 }, 'budget.monthlyUsd', /from 0/],
    ['a rate of nothing', { providers: [provider({ url, rateLimitRpm: 0 })] }, 'providers[0].rateLimitRpm', /from 1/],
    ['a threshold above one', { cache: { threshold: 1.5 } }, 'cache.threshold', /from 0.5 to 1/],
    [
      'a price below nothing',
      { providers: [provider({ url, overrides: [{ model: 'fake-model', inputUsdPerMillion: -3 }] })] },
      'providers[0].overrides[0].inputUsdPerMillion',
      /from 0/,
    ],
  ])('%s', async (_name, input, field, words) => {
    const tenant = world.tenant();
    await tenant.configure({ providers: [provider({ name: 'good', url })], budgetLimitUsd: 12 });
    const run = tenant.configure(input);
    await expect(run).rejects.toHaveCode('INVALID_REQUEST');
    await expect(run).rejects.toMatchObject({ field, message: expect.stringMatching(words) });
    const { llmConfig } = await tenant.run<{ llmConfig: object }>(read);
    expect(llmConfig).toMatchObject({ version: 1, budgetLimitUsd: 12, providers: [{ name: 'good' }] });
  });
});

it('refuses a stale expectedVersion, and lets one of two writers win', async () => {
  const tenant = world.tenant();
  await tenant.configure({ budgetLimitUsd: 1 });
  await expect(tenant.configure({ budgetLimitUsd: 2, expectedVersion: 0 })).rejects.toHaveCode('PRECONDITION_FAILED');
  const both = await Promise.allSettled([
    tenant.configure({ budgetLimitUsd: 3, expectedVersion: 1 }),
    tenant.configure({ budgetLimitUsd: 4, expectedVersion: 1 }),
  ]);
  expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
});

it('is for administrators', async () => {
  const tenant = world.tenant();
  const editor = caller({ tenantId: tenant.admin.tenantId, roles: ['editor'] });
  await expect(tenant.run(read, {}, editor)).rejects.toHaveCode('FORBIDDEN');
  await expect(tenant.run(update, { input: { budgetLimitUsd: 1 } }, editor)).rejects.toHaveCode('FORBIDDEN');
  expect(await tenant.run(read)).toMatchObject({ llmConfig: { version: 0 } });
});

it('changes the next request at once', async () => {
  await using one = await startFakeModel();
  await using two = await startFakeModel();
  const tenant = world.tenant();
  await tenant.configure({ providers: [provider({ name: 'one', url: one.url })] });
  expect((await tenant.run<Asked>(ask, question('a'))).routeLlm.provider).toBe('one');
  await tenant.configure({ providers: [provider({ name: 'two', url: two.url })] });
  expect((await tenant.run<Asked>(ask, question('b'))).routeLlm.provider).toBe('two');
});

describe('where the deployment allows public addresses only', () => {
  let closed: LlmWorld;
  beforeAll(async () => {
    closed = await llmWorld({ allowPrivateHosts: false });
  });
  afterAll(() => closed[Symbol.asyncDispose]());

  it.each([
    'http://127.0.0.1:11434/v1',
    'http://2130706433/v1',
    'http://[::1]/v1',
    'http://169.254.169.254/latest',
    'http://localhost:1234/v1',
    'http://10.0.0.8/v1',
  ])('refuses a provider at %s', async (address) => {
    const tenant = closed.tenant();
    const run = tenant.configure({ providers: [provider({ url: address })] });
    await expect(run).rejects.toHaveCode('INVALID_REQUEST');
    await expect(run).rejects.toMatchObject({ field: 'providers[0].baseUrl' });
  });

  it('judges again at each connection: an address that got into the table is not called', async () => {
    await using fake = await startFakeModel();
    const tenant = closed.tenant();
    await tenant.configure({ providers: [provider({ url })] });
    const tables = closed.db.withTables<{ llm_configs: { tenant_id: string; settings: unknown; version: number } }>();
    await tables.inTenant(tenant.admin.tenantId, async (tx) => {
      const row = await tx.selectFrom('llm_configs').selectAll().executeTakeFirstOrThrow();
      const settings = JSON.parse(JSON.stringify(row.settings).replaceAll(url, fake.url)) as unknown;
      await tx
        .updateTable('llm_configs')
        .set({ settings: JSON.stringify(settings) })
        .execute();
    });
    await expect(tenant.run(ask, question('x'))).rejects.toMatchObject({
      code: 'LLM_UNAVAILABLE',
      details: { reasons: { 'fake/fake-model': 'address_refused' } },
    });
    expect(fake.requests).toHaveLength(0);
  });
});

it('does not follow a provider that redirects, and says so', async () => {
  await using target = await startFakeModel();
  const server = createServer((_request, response) => response.writeHead(307, { location: `${target.url}/chat/completions` }).end());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const tenant = world.tenant();
  await tenant.configure({ providers: [provider({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1` })] });
  await expect(tenant.run(ask, question('x'))).rejects.toMatchObject({ details: { reasons: { 'fake/fake-model': 'address_refused' } } });
  expect(target.requests).toHaveLength(0);
  await new Promise((resolve) => server.close(resolve));
});

it('shares the operator’s provider with all tenants, without showing its address or key', async () => {
  await using fake = await startFakeModel();
  fake.fallback = text('from the operator');
  await using shared = await llmWorld({
    allowPrivateHosts: false,
    deploymentModels: { compatible: { url: fake.url, apiKey: 'sk-operator', model: 'house-model' } },
  });
  const { llmConfig } = await shared.run<{ llmConfig: { providers: object[] } }>(read);
  expect(llmConfig.providers[0]).toMatchObject({
    name: 'openai_compatible',
    isShared: true,
    hasKey: false,
    baseUrl: null,
    models: ['house-model'],
  });
  expect((await shared.run<Asked>(ask, question('x'))).routeLlm.content).toBe('from the operator');
  expect(fake.requests[0]?.headers.authorization).toBe('Bearer sk-operator');
  await shared.configure({ providers: [{ name: 'openai_compatible', priority: 1 }, { name: 'builtin' }] });
  expect((await shared.run<Asked>(ask, question('y'))).routeLlm.content).toBe('from the operator');
});
