import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

import { DuckDBInstance } from '@duckdb/node-api';
import Database from 'libsql';

import { builtExecArgv, builtFile, projectRoot } from '#platform/lifecycle';

import { startFakeModel, status, text, type FakeModel } from '../../test/kit/fake-model';

const folder = mkdtempSync(path.join(tmpdir(), 'parley-eval-'));
const statements = [
  'create table lamps (id integer primary key, colour varchar(20), price integer)',
  "insert into lamps values (1, 'red', 10), (2, 'blue', 30), (3, 'red', 20)",
];
const questions = path.join(folder, 'questions.jsonl');
const sets = [
  { id: 'a', db_id: 'one', question: 'How many lamps are there?', sql: 'GOLD' },
  { id: 'b', db_id: 'two', question: 'How many lamps are there?' },
  {
    db_id: 'three',
    id: 'c',
    turns: [
      { id: 'c1', question: 'What are the colours of lamps?' },
      { id: 'c2', question: 'How many are there?' },
    ],
  },
  { id: 'd', db_id: 'nowhere', question: 'How many lamps are there?' },
];

beforeAll(async () => {
  const sqlite = new Database(path.join(folder, 'one.sqlite'));
  statements.forEach((statement) => sqlite.exec(statement));
  sqlite.close();
  const instance = await DuckDBInstance.create(path.join(folder, 'two.duckdb'));
  const connection = await instance.connect();
  for (const statement of statements) await connection.run(statement);
  connection.closeSync();
  instance.closeSync();
  writeFileSync(path.join(folder, 'three.sql'), `${statements.join(';\n')};\n`);
  writeFileSync(questions, sets.map((line) => JSON.stringify(line)).join('\n'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const run = async (more: readonly string[], environment: Record<string, string> = {}): Promise<any[]> => {
  const out = path.join(folder, 'out.jsonl');
  const args = [...builtExecArgv, builtFile('bench/eval/run'), '--questions', questions, '--databases', folder, '--out', out, ...more];
  await promisify(execFile)(process.execPath, args, { cwd: projectRoot, env: { ...process.env, ...environment } });
  return readFileSync(out, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown);
};

it('answers over a SQLite file, a DuckDB file and a dump, turn by turn, one line each', async () => {
  const lines = await run([]);
  expect(lines.map(({ id }) => id)).toEqual(['a', 'b', 'c1', 'c2', 'd']);
  for (const line of lines) expect(Object.keys(line)).toEqual(['id', 'sql', 'confidence', 'engine', 'ms']);
  expect(lines.slice(0, 3).every(({ sql, engine }) => typeof sql === 'string' && engine === 'semantic')).toBe(true);
  expect(lines.slice(0, 2).map(({ sql }) => sql)).toEqual([
    'SELECT COUNT(*) AS lamps_count\nFROM lamps',
    'SELECT COUNT(*) AS lamps_count\nFROM lamps',
  ]);
  expect(lines[4]).toMatchObject({ sql: null, confidence: 0 });
});

it('keeps back what is less sure than --min-confidence', async () => {
  expect((await run(['--min-confidence', '1'])).every(({ sql }) => sql === null)).toBe(true);
});

describe('with a model', () => {
  let provider: FakeModel;
  beforeAll(async () => {
    provider = await startFakeModel();
  });
  afterAll(() => provider.close());
  const settings = () => ({ OPENAI_COMPATIBLE_URL: provider.url, OPENAI_COMPATIBLE_MODEL: 'scripted' });
  const asked = (): string => JSON.stringify(provider.requests.map(({ body }) => body.messages));

  it('llm: its statement is tried on the database and corrected; gold is never sent', async () => {
    const answer = (sql: string) => text(JSON.stringify({ sql, explanation: 'Lamps.' }));
    provider.script(answer('select nothing from lamps'));
    provider.fallback = answer('select count(*) from lamps');
    const lines = await run(['--engine', 'llm'], settings());
    expect(lines.map(({ sql, engine }) => [sql, engine])).toEqual([
      ...Array.from({ length: 4 }, () => ['select count(*) from lamps', 'llm']),
      [null, 'semantic'],
    ]);
    expect(asked()).toContain('That statement cannot be used');
    expect(asked()).not.toContain('GOLD');
  });

  it('auto: a model that is down leaves the engine’s answers', async () => {
    provider.fallback = status(500);
    const lines = await run(['--engine', 'auto'], settings());
    expect(lines.slice(0, 4).every(({ sql, engine }) => sql !== null && engine === 'semantic')).toBe(true);
  });
});

it('llm without a model says which settings are missing', async () => {
  await expect(run(['--engine', 'llm'], { OPENAI_COMPATIBLE_URL: '', OPENAI_API_KEY: '', ANTHROPIC_API_KEY: '' })).rejects.toMatchObject({
    code: 64,
    stderr: expect.stringContaining('OPENAI_COMPATIBLE_URL'),
  });
});
