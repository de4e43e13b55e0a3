import { createRedisEventLog } from '#platform/events';

import { caller } from '../kit/caller';
import { describeWith } from '../kit/external';
import { redisProgram, startRedis, type TestRedis } from '../kit/redis';
import { until } from '../kit/until';

import { chatWorld, type ChatWorld } from './world';

interface Shown {
  readonly eventId: string;
  readonly sequence: number;
  readonly type: string;
  readonly data: unknown;
  readonly runId: string | null;
}

/** A reader that was there before the turn and stays. */
function reading(world: ChatWorld, me: ReturnType<typeof caller>, sessionId: string) {
  const controller = new AbortController();
  const seen: Shown[] = [];
  const done = (async () => {
    for await (const event of await world.chat.services.streams.follow(me, { sessionId, after: 0, signal: controller.signal }))
      seen.push(event);
  })();
  return { seen, leave: () => (controller.abort(), done) };
}

/** A turn that is stopped after its first events, so that something can happen to Redis in the middle. */
async function halfTurn(world: ChatWorld) {
  const me = caller();
  const { sessions, turns } = world.chat.services;
  const { id } = await sessions.create(me, {});
  let open = (): void => undefined;
  world.analyst.gate = new Promise((resolve) => (open = resolve));
  const reader = reading(world, me, id);
  const answering = turns.send(me, { sessionId: id, request: { kind: 'message', text: 'revenue by region' }, requestId: null });
  await until(() => reader.seen.some(({ type, data }) => type === 'status' && (data as { state: string }).state === 'executing'));
  return { me, id, reader, answering, goOn: open };
}

const finished = (seen: readonly Shown[]) => until(() => seen.some(({ type }) => type === 'stream_end'));
const whole = [
  ...['stream_start', 'step_start', 'status', 'step_complete', 'step_start', 'status', 'sql', 'data', 'step_complete'],
  ...['step_start', 'insight', 'visualization', 'step_complete', 'text', 'suggestions', 'stream_end'],
];
const distinct = (seen: readonly Shown[]) => seen.map(({ type }) => type).filter((type, i, all) => type !== all[i - 1]);

describeWith(redisProgram(), 'a turn whose Redis goes away in the middle', () => {
  let redis: TestRedis;
  const open = async (keeps: boolean) => {
    redis = await startRedis({ keeps });
    return chatWorld({ log: createRedisEventLog({ url: redis.url }) });
  };
  afterEach(() => redis.stop());

  it.each([
    ['killed and started again', () => redis.kill(), () => redis.start()],
    ['stopped and let go on', async () => redis.signal('SIGSTOP'), async () => redis.signal('SIGCONT')],
  ])('is answered, and its reader gets every event once and in order when Redis is %s', async (_, away, back) => {
    await using world = await open(true);
    const { me, id, reader, answering, goOn } = await halfTurn(world);
    await away();
    goOn();
    expect((await answering).status).toBe('completed');
    expect(reader.seen.some(({ type }) => type === 'stream_end')).toBe(false);
    await back();
    await finished(reader.seen);
    expect(distinct(reader.seen)).toEqual(whole);
    expect(reader.seen.map(({ sequence }) => sequence)).toEqual(reader.seen.map((_each, i) => i + 1));
    expect(new Set(reader.seen.map(({ eventId }) => eventId)).size).toBe(reader.seen.length);
    const late = reading(world, me, id);
    await finished(late.seen);
    expect(late.seen.map(({ eventId }) => eventId)).toEqual(reader.seen.map(({ eventId }) => eventId));
    await Promise.all([reader.leave(), late.leave()]);
  });

  it('tells the rest where Redis came back empty, after a warning that says where the whole is kept', async () => {
    await using world = await open(false);
    const { me, id, reader, answering, goOn } = await halfTurn(world);
    const before = reader.seen.length;
    await redis.kill();
    goOn();
    const answer = await answering;
    await redis.start();
    await finished(reader.seen);
    const [warning, ...rest] = reader.seen.slice(before);
    expect(warning).toMatchObject({ type: 'warning', data: { reason: 'stream_gap' } });
    expect(rest.map(({ sequence }) => sequence)).toEqual(rest.map((_, i) => i + 1));
    expect(distinct(rest)).toEqual(whole.slice(whole.indexOf('sql')));
    const page = { limit: 10, offset: 0, after: null };
    const { items } = await world.chat.services.history.list(me, { sessionId: id, role: 'assistant', page });
    expect(items[0]!.content).toBe(answer.content);
    await reader.leave();
  });
});
