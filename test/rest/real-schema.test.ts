import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

import { createEngine, type GraphEngine } from '../../gateway/engine';
import { compileVersions } from '../../rest-facade';
import { documentOf } from '../../rest-facade/facade';
import { keptLog } from '../gateway/kit/compose';

const root = path.resolve(__dirname, '../..');

let engine: GraphEngine;
beforeAll(async () => {
  const supergraphSdl = await readFile(path.join(root, 'schema/supergraph.graphql'), 'utf8');
  engine = createEngine({ supergraphSdl, subgraphs: [], log: keptLog() });
});
afterAll(() => engine.stop());

it('every @rest route of the committed supergraph compiles and plans', () => {
  const [v1] = compileVersions(engine, [{ name: 'v1' }]);
  expect(v1!.routes.length).toBeGreaterThan(0);
});

it('the OpenAPI document of the committed supergraph passes redocly with its recommended rules', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'openapi-'));
  const file = path.join(folder, 'v1.json');
  await writeFile(file, JSON.stringify(documentOf(engine)));
  const redocly = path.join(root, 'node_modules/@redocly/cli/bin/cli.js');
  const env = { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' };
  const lint = promisify(execFile)(
    process.execPath,
    [redocly, 'lint', file, '--extends=recommended', '--format=json', '--max-problems=50'],
    { cwd: folder, env, maxBuffer: 64 * 1024 * 1024 },
  );
  const { stdout } = await lint.catch((failed: { stdout: string }) => failed);
  await rm(folder, { recursive: true });
  const { problems } = JSON.parse(stdout) as { problems: { ruleId: string; message: string; location: { pointer: string }[] }[] };
  expect(problems.map(({ ruleId, message, location }) => `${ruleId} ${location[0]?.pointer}: ${message}`)).toEqual([]);
});
