import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';

import { projectRoot } from '#platform/lifecycle';

import { startServer, type TestServer } from '../kit/server';

const readme = readFileSync(path.join(projectRoot, 'README.md'), 'utf8');
const examples = [...readme.matchAll(/```bash\n(# \d+\. [^\n]*)\n([\s\S]*?)```/g)].map(([, title, script]) => ({
  title: title!.slice(2),
  script: script!,
}));

describe('the examples of the README, pasted as they stand', () => {
  let server: TestServer;
  let token: string;

  beforeAll(async () => {
    server = await startServer();
    token = /PARLEY_TOKEN=(\S+)/.exec(server.output())![1]!;
  }, 240_000);
  afterAll(() => server[Symbol.asyncDispose]());

  it('are ten', () => {
    expect(examples).toHaveLength(10);
  });

  it.each(examples)('$title', ({ script }) => {
    const answer = execFileSync('bash', ['-c', script.replaceAll('http://127.0.0.1:8000', server.url)], {
      encoding: 'utf8',
      env: { ...process.env, PARLEY_TOKEN: token },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const body = JSON.parse(answer) as Record<string, unknown>;
    if ('success' in body) expect(body).toMatchObject({ success: true, errors: [] });
    else expect(body).not.toHaveProperty('errors');
    expect(body).not.toHaveProperty('error');
  });
});
