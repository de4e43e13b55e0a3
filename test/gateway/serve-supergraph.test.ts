import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { createHandler } from 'graphql-http/lib/use/http';

import { builtExecArgv, builtFile } from '#platform/lifecycle';

import { composeFixtures, schemaOf, type SubgraphFixture } from './kit/compose';
import { listenWith, type Listening } from './kit/remote';
import { worlds } from './corpus/worlds';

/** Subgraphs of somebody else: open, and by another library. */
async function foreignSubgraphs(fixtures: readonly SubgraphFixture[]): Promise<{ servers: readonly Listening[]; supergraph: string }> {
  const servers = await Promise.all(
    fixtures.map((fixture) => {
      const handle = createHandler({ schema: schemaOf(fixture) });
      return listenWith((request, response) => void handle(request, response));
    }),
  );
  const folder = await mkdtemp(path.join(tmpdir(), 'gateway-'));
  const supergraph = path.join(folder, 'supergraph.graphql');
  await writeFile(supergraph, composeFixtures(fixtures.map((fixture, index) => ({ ...fixture, url: servers[index]!.url }))));
  return { servers, supergraph };
}

it.each(['apollo', 'hive'])('serves a supergraph of remote subgraphs with the %s planner', async (planner) => {
  const world = worlds.find(({ name }) => name.startsWith('entity interfaces'))!;
  const { servers, supergraph } = await foreignSubgraphs(world.fixtures);
  const args = ['--supergraph', supergraph, '--port', '0', '--planner', planner];
  const child = spawn(process.execPath, [...builtExecArgv, builtFile('gateway/commands/serve-supergraph'), ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    const [line] = (await once(child.stdout, 'data')) as [Buffer];
    const url = /http:\S+/.exec(String(line))![0];
    for (const { source, variables, data } of world.operations) {
      const response = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ query: source, variables }),
      });
      const answer = (await response.json()) as { data: unknown; errors?: unknown };
      expect(answer.errors).toBeUndefined();
      if (data !== undefined) expect(answer.data).toEqual(data);
    }
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([0, null]);
  } finally {
    child.kill('SIGKILL');
    await Promise.all(servers.map((server) => server[Symbol.asyncDispose]()));
  }
});

it('says what is wrong with its arguments', async () => {
  const child = spawn(process.execPath, [...builtExecArgv, builtFile('gateway/commands/serve-supergraph'), '--port', 'x'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let text = '';
  child.stderr.on('data', (chunk) => (text += String(chunk)));
  // Closed: it has ended, and all that it said has arrived.
  expect((await once(child, 'close'))[0]).toBe(1);
  expect(text).toContain('a port is a number');
});
