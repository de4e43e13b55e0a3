import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

import { restWorld, type RestWorld } from './kit/world';

const run = promisify(execFile);
const root = path.resolve(__dirname, '../..');

let w: RestWorld;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'openapi-'));
  w = await restWorld();
});
afterAll(async () => {
  await rm(folder, { recursive: true });
  await w[Symbol.asyncDispose]();
});

const written = async (version: string): Promise<string> => {
  const file = path.join(folder, `${version}.json`);
  await writeFile(file, JSON.stringify(w.facade.openapi(version)));
  return file;
};

describe.each(['v1', 'v2'])('the document of %s', (version) => {
  it('passes redocly with its recommended rules, without an error or a warning', async () => {
    const file = await written(version);
    const redocly = path.join(root, 'node_modules/@redocly/cli/bin/cli.js');
    const { stdout } = await run(process.execPath, [redocly, 'lint', file, '--extends=recommended', '--format=json'], {
      cwd: folder,
      env: { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' },
    }).catch((failed: { stdout: string; stderr: string }) => {
      throw new Error(failed.stdout.slice(0, 6_000) + failed.stderr.slice(0, 1_000));
    });
    const { totals, problems } = JSON.parse(stdout) as {
      totals: { errors: number; warnings: number };
      problems: { ruleId: string; message: string }[];
    };
    expect(problems.map(({ ruleId, message }) => `${ruleId}: ${message}`)).toEqual([]);
    expect(totals).toMatchObject({ errors: 0, warnings: 0 });
  });

  it('is valid for swagger-parser', async () => {
    const file = await written(version);
    const check = `import('@apidevtools/swagger-parser').then(({ default: parser }) => parser.validate(${JSON.stringify(file)})).then(() => console.log('valid'), (e) => { console.error(e.message); process.exit(1); })`;
    const { stdout } = await run(process.execPath, ['-e', check], { cwd: root });
    expect(stdout.trim()).toBe('valid');
  });
});

it('names every live route, and no other', () => {
  const { paths } = w.facade.openapi('v1');
  const documented = Object.entries(paths).flatMap(([address, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${address}`),
  );
  const live = w.facade.routes
    .filter(({ path: address }) => address.startsWith('/api/v1/'))
    .map(({ method, path: address }) => `${method} ${address.replace(/:(\w+)/g, '{$1}')}`);
  expect(documented.sort()).toEqual(live.sort());
});

it('does not copy the fields of a body into the query', () => {
  const operation = w.facade.openapi().paths['/api/v1/sql/generate']!.post as any;
  expect(operation.parameters).toEqual([{ $ref: '#/components/parameters/IdempotencyKey' }]);
  expect(Object.keys(operation.requestBody.content['application/json'].schema.properties)).toEqual([
    'question',
    'source_id',
    'max_retries',
    'schema_context',
    'tenant_id',
    'user_id',
  ]);
});

it('knows defaults, limits and deprecations', () => {
  const { paths } = w.facade.openapi() as any;
  const parameter = (name: string) => paths['/api/v1/bi/dashboards'].get.parameters.find((one: any) => one.name === name);
  expect(parameter('limit')).toMatchObject({ required: false, schema: { minimum: 1, maximum: 100, default: 20 } });
  expect(paths['/api/v1/search/old'].get.deprecated).toBe(true);
  expect(paths['/api/v1/bi/dashboards'].post.requestBody.content['application/json'].schema.properties.visibility.default).toBe('private');
  expect((w.facade.openapi('v2') as any).components.schemas.Dashboard.properties).not.toHaveProperty('label');
});

it.each([
  ['/openapi.json', 'application/json'],
  ['/openapi/v2.json', 'application/json'],
  ['/docs', 'text/html'],
  ['/docs/swagger-ui-bundle.js', 'text/javascript'],
  ['/docs/swagger-ui.css', 'text/css'],
  ['/redoc', 'text/html'],
  ['/redoc/redoc.standalone.js', 'text/javascript'],
])('%s is served without a token, under a strict policy, and names no other host', async (address, type) => {
  const { status, headers, text } = await w.send(address, { token: null });
  expect([status, headers.get('content-type')]).toEqual([200, expect.stringContaining(type)]);
  expect(headers.get('content-security-policy')).toContain("default-src 'none'");
  if (type === 'text/html') expect(text).not.toMatch(/https?:\/\//);
  expect((await w.send(address, { token: null, headers: { 'if-none-match': headers.get('etag')! } })).status).toBe(304);
});
