import { doorToken, openDoor, type Door } from '../../bench/chat/socket-door';
import { caller } from '../kit/caller';
import { until } from '../kit/until';
import { connect } from '../rest/kit/event-client';

import { agentsWorld, type AgentsWorld } from './world';

let world: AgentsWorld;
let door: Door;
beforeAll(async () => {
  world = await agentsWorld();
  door = await openDoor({ name: 'agents', schema: world.agents.schema, db: world.db });
});
afterAll(async () => {
  await door[Symbol.asyncDispose]();
  await world[Symbol.asyncDispose]();
});

const open = (me: ReturnType<typeof caller>, path = 'agent-analyst') =>
  connect(`${door.url}/ws/agent/${path}`, { headers: { authorization: `Bearer ${doorToken(me)}` } });
const runsOf = (me: ReturnType<typeof caller>) =>
  world.agents.services.runs.list(me, { sessionId: null, status: null, page: { limit: 20, offset: 0, after: null } });
const ended = (client: ReturnType<typeof open>) => client.frames.filter(({ type }) => type === 'stream_end').length;

it.each([
  ['empty', ''],
  ['blank', ' \n\t '],
  ['too long', 'x'.repeat(20_001)],
  ['of nearly a megabyte', 'x'.repeat(1_000_000)],
])('a message that is %s is refused as an event, starts no run, and the socket stays', async (_, content) => {
  const me = caller();
  using client = open(me);
  await client.ready();
  client.say({ type: 'message', data: { content } });
  expect((await client.frame('error')).data.code).toMatch(/INVALID_REQUEST|PAYLOAD_TOO_LARGE/);
  expect(await runsOf(me)).toEqual([]);
  client.say({ type: 'ping' });
  await client.frame('pong');
});

it('two messages at once are two runs, told in one gapless sequence, each to its end', async () => {
  const me = caller();
  using client = open(me);
  await client.ready();
  client.say({ type: 'message', data: { content: 'revenue by region' } });
  client.say({ type: 'message', data: { content: 'orders by month' } });
  await until(() => ended(client) === 2, { withinMs: 60_000 });
  expect(client.sequences()).toEqual(client.sequences().map((_, index) => index + 1));
  expect((await runsOf(me)).map(({ status }) => status)).toEqual(['completed', 'completed']);
});

it('a session of the same name of somebody else is another one, in the same tenant and in others', async () => {
  const me = caller();
  const colleague = caller({ tenantId: me.tenantId });
  using mine = open(me, 'agent-analyst?session_id=shared');
  using theirs = open(colleague, 'agent-analyst?session_id=shared');
  using strangers = open(caller(), 'agent-analyst?session_id=shared');
  await Promise.all([mine, theirs, strangers].map((client) => client.ready()));
  mine.say({ type: 'message', data: { content: 'revenue by region' } });
  await until(() => ended(mine) === 1, { withinMs: 60_000 });
  expect([theirs.sequences(), strangers.sequences()]).toEqual([[], []]);
});

it('a run of somebody else can be neither cancelled nor decided over the socket, and nothing of it changes', async () => {
  const me = caller();
  using mine = open(me, 'agent-assistant');
  await mine.ready();
  mine.say({ type: 'message', data: { content: 'create a dashboard called Mine with revenue by region' } });
  const { data } = await until(() => mine.frames.find(({ type }) => type === 'approval_required'), { withinMs: 60_000 });
  using strangers = open(caller());
  await strangers.ready();
  const [run] = await runsOf(me);
  strangers.say({ type: 'cancel', run_id: run!.id });
  strangers.say({ type: 'approve', approval_id: data.approval_id });
  strangers.say({ type: 'reject', approval_id: data.approval_id });
  expect((await strangers.frame('error', 2)).data.code).toBe('NOT_FOUND');
  expect(strangers.frames.filter(({ type }) => type === 'error').map(({ data: { code } }) => code)).toEqual(Array(3).fill('NOT_FOUND'));
  expect((await runsOf(me))[0]!.status).toBe('waiting_approval');
  expect(world.dashboards.made).toEqual([]);
});

it('is closed with 4404 for an agent that does not exist', async () => {
  using client = open(caller(), 'agent-of-nobody');
  expect((await client.closed()).code).toBe(4404);
});
