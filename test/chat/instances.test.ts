import { createJobQueue } from '#platform/jobs';
import { silentLogger } from '#platform/telemetry';

import { createAgentsSubgraph } from '../../subgraphs/agents';
import { createChatSubgraph } from '../../subgraphs/chat';
import { shopData } from '../../bench/chat/shop-analyst';
import { agentsWorld } from '../agents/world';
import { caller } from '../kit/caller';
import { until } from '../kit/until';

import { chatWorld } from './world';

/** A lease that outlasts every stall, looked at often. */
const timings = { leaseMs: 600_000, renewEveryMs: 50 };
const page = { limit: 10, offset: 0, after: null };

it('cancels on one instance a turn that runs on another, and reads its events there', async () => {
  await using world = await chatWorld({ timings });
  const { db, log, analyst } = world;
  const second = createChatSubgraph({ db, log, logger: silentLogger, analyst, timings });
  const me = caller();
  const { id } = await world.chat.services.sessions.create(me, {});
  let open = (): void => undefined;
  analyst.gate = new Promise((resolve) => (open = resolve));
  const started = await world.chat.services.turns.start(me, {
    sessionId: id,
    request: { kind: 'message', text: 'revenue by month' },
    requestId: null,
  });
  const turn = { sessionId: id, request: { kind: 'message', text: 'orders by month' } as const, requestId: null };
  await expect(second.services.turns.start(me, turn)).rejects.toHaveCode('CONFLICT');
  expect(await second.services.turns.cancel(me, id)).toBe(true);
  const controller = new AbortController();
  for await (const { type, data } of await second.services.streams.follow(me, { sessionId: id, after: 0, signal: controller.signal })) {
    if (type !== 'stream_end') continue;
    expect(data).toMatchObject({ status: 'cancelled', message_id: started.messageId });
    break;
  }
  controller.abort();
  open();
});

it('ends a turn whose process is gone, once, and lets it be tried again', async () => {
  await using world = await chatWorld({ timings: { leaseMs: 30, renewEveryMs: 60_000 } });
  const { analyst } = world;
  const { sessions, turns, history, housekeeping, streams } = world.chat.services;
  const me = caller();
  const { id } = await sessions.create(me, {});
  let open = (): void => undefined;
  analyst.gate = new Promise((resolve) => (open = resolve));
  // Its lease is not renewed, as if the process had died.
  const { messageId } = await turns.start(me, { sessionId: id, request: { kind: 'message', text: 'revenue by month' }, requestId: null });
  const ended = await until(async () => (await housekeeping.round()) || null);
  expect(ended).toBe(1);
  expect(await housekeeping.round()).toBe(0);
  open();
  analyst.gate = Promise.resolve();
  await until(() => turns.activeCount() === 0);
  // The late answer of the turn that lost its session changes nothing.
  const { items } = await history.list(me, { sessionId: id, role: 'assistant', page });
  expect(items).toMatchObject([{ id: messageId, status: 'failed', error: { code: 'SERVICE_UNAVAILABLE', retryable: true }, answer: null }]);
  expect(await streams.newest(me, id)).toBeGreaterThan(0);
  expect((await turns.retry(me, { sessionId: id, messageId, requestId: null })).status).toBe('completed');
});

it('resumes a run that waits for approval on whichever instance is there', async () => {
  await using world = await agentsWorld();
  const { db, log, dashboards } = world;
  const me = caller();
  const waiting = await world.agents.services.runs.process(
    me,
    { sessionId: 's', message: 'create a dashboard called Far with revenue by region' },
    new AbortController().signal,
  );
  await world.stopJobs();
  const jobs = createJobQueue({ db, pollMs: 50 });
  const second = createAgentsSubgraph({ db, log, jobs, logger: silentLogger, data: shopData(world.analyst), dashboards });
  await jobs.start();
  await second.services.approvals.approve(me, { approvalId: waiting.approvalId! });
  const done = await second.services.runs.settle(me, waiting.id, new AbortController().signal);
  expect(done).toMatchObject({ status: 'completed', content: expect.stringContaining('Dashboard “Far” was created') as string });
  expect(dashboards.made).toHaveLength(1);
  await jobs.stop();
});
