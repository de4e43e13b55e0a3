import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { startChild } from '../kit/child';
import { startFakeModel, text, toolCall } from '../kit/fake-model';
import { until } from '../kit/until';

interface State {
  readonly runs: readonly { id: string; status: string; code: string | null; results: readonly string[] }[];
  readonly messages: readonly { id: string; sessionId: string; role: string; status: string; retryable: boolean | null }[];
}

const marks = 3;
const wanted = 50;

it('survives kill -9 during 50 runs and turns: nothing acknowledged is lost, no effect is repeated, and each ends', async () => {
  const directory = mkdtempSync(path.join(tmpdir(), 'parley-crash-'));
  await using model = await startFakeModel();
  model.fallback = ({ body }) => {
    const made = (body.messages as { role: string }[]).filter(({ role }) => role === 'tool').length;
    return made < marks ? toolCall('mark', { n: made }) : text('done');
  };
  const acknowledged = { runs: new Set<string>(), turns: new Set<string>() };
  const collect = (lines: readonly string[]): void => {
    for (const line of lines) {
      const [kind, first, second] = line.split(' ');
      if (kind === 'run') acknowledged.runs.add(first!);
      if (kind === 'turn') acknowledged.turns.add(second!);
    }
  };
  try {
    let kills = 0;
    while (acknowledged.runs.size < wanted) {
      const child = startChild('bench/chat/crash-child', [directory, model.url, String(wanted - acknowledged.runs.size)]);
      await child.line('ready');
      const before = child.lines.length;
      const enough = 15 + Math.floor(Math.random() * 25);
      // Killed after a random number of acknowledgements, in the middle of whatever is under way.
      await until(() => child.lines.length - before >= enough || child.lines.includes('begun'), { withinMs: 60_000, everyMs: 1 });
      child.process.kill('SIGKILL');
      await child.ended;
      kills += 1;
      collect(child.lines);
    }
    const last = startChild('bench/chat/crash-child', [directory, model.url, '0']);
    const state = JSON.parse(
      (await until(() => last.lines.find((line) => line.startsWith('state ')), { withinMs: 120_000 })).slice(6),
    ) as State;
    last.process.kill('SIGKILL');
    await last.ended;

    expect(kills).toBeGreaterThan(2);
    const runs = new Map(state.runs.map((run) => [run.id, run]));
    for (const id of acknowledged.runs)
      expect(runs.get(id)).toMatchObject({ status: expect.stringMatching(/^(completed|failed)$/) as string });
    const effects = existsSync(path.join(directory, 'effects.txt'))
      ? readFileSync(path.join(directory, 'effects.txt'), 'utf8').trim().split('\n')
      : [];
    expect(new Set(effects).size).toBe(effects.length);
    for (const { id, status, code, results } of state.runs) {
      const done = effects.filter((key) => key.startsWith(`${id}:`)).length;
      if (status === 'completed')
        expect({ id, done, results }).toEqual({ id, done: marks, results: Array.from({ length: marks }, () => 'completed') });
      // An interrupted call is told as unknown and was made at most once.
      if (status === 'failed') expect({ id, code, last: results.at(-1) }).toEqual({ id, code: 'SERVICE_UNAVAILABLE', last: 'unknown' });
    }
    expect(state.runs.filter(({ status }) => status === 'completed').length).toBeGreaterThan(wanted / 2);

    const messages = new Map(state.messages.map((message) => [message.id, message]));
    for (const id of acknowledged.turns) {
      const answer = messages.get(id);
      expect(answer).toMatchObject({ role: 'assistant', status: expect.stringMatching(/^(completed|failed)$/) as string });
      if (answer!.status === 'failed') expect(answer!.retryable).toBe(true);
      expect(state.messages.some(({ sessionId, role }) => sessionId === answer!.sessionId && role === 'user')).toBe(true);
    }
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}, 300_000);
