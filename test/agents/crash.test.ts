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
/** What one process begins at most, and at least before it is killed: three kills or four, well below the attempts of a job. */
const [mostBegun, leastBegun] = [17, 13];
/** Runs at once: only these can be in the middle of a call when their process is killed. */
const concurrency = 4;

it('survives kill -9 during 50 runs and turns: nothing acknowledged is lost, no effect is repeated, and each ends', async () => {
  const directory = mkdtempSync(path.join(tmpdir(), 'parley-crash-'));
  await using model = await startFakeModel();
  model.fallback = ({ body }) => {
    const made = (body.messages as { role: string }[]).filter(({ role }) => role === 'tool').length;
    return made < marks ? toolCall('mark', { n: made }) : text('done');
  };
  const start = (count: number) => startChild('bench/chat/crash-child', [directory, model.url, String(count), String(concurrency)]);
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
      const child = start(Math.min(mostBegun, wanted - acknowledged.runs.size));
      await child.line('ready');
      // Two lines, one of a run and one of a turn, for each that is begun.
      const enough = 2 * leastBegun + Math.floor(Math.random() * 2 * (mostBegun - leastBegun));
      const begun = (): number => child.lines.filter((line) => /^(run|turn) /.test(line)).length;
      // Killed after a random number of acknowledgements, in the middle of whatever is under way.
      await until(() => begun() >= enough || child.lines.includes('begun'), { withinMs: 120_000, everyMs: 1 });
      child.process.kill('SIGKILL');
      await child.ended;
      kills += 1;
      collect(child.lines);
    }
    const last = start(0);
    const state = JSON.parse(
      (await until(() => last.lines.find((line) => line.startsWith('state ')), { withinMs: 300_000 })).slice(6),
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
    expect(state.runs.filter(({ status }) => status !== 'completed').length).toBeLessThanOrEqual(kills * concurrency);

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
}, 600_000);
