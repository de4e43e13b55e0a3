import { until } from '../kit/until';
import { connect } from './kit/event-client';
import { restWorld, tokenOf, type RestWorld } from './kit/world';

let w: RestWorld;
const content = 'x'.repeat(6_000);
const kept = 2_500;
beforeAll(async () => {
  w = await restWorld();
  for (let index = 0; index < kept; index += 1) await w.tell('text', { content });
});
afterAll(() => w[Symbol.asyncDispose]());

const open = (query = '') => connect(`${w.url}/ws/chat/sess-1${query}`, { headers: { authorization: `Bearer ${tokenOf()}` } });

it('a socket that starts now on a session with a long past gets what happens from now on', async () => {
  using client = open();
  await client.ready();
  await w.tell('text', { content: 'now' });
  await until(() => client.sequences().length === 1 || client.socket.readyState === client.socket.CLOSED);
  expect(client.frames.at(-1)!.data.content).toBe('now');
});

it('a socket that comes back to a long past gets all of it', async () => {
  const { newest } = await w.log.retained({ tenantId: 'acme', name: 'chat:sess-1' });
  using client = open(`?after_sequence=${newest - 2_000}`);
  await until(() => client.sequences().length === 2_000 || client.socket.readyState === client.socket.CLOSED);
  expect(client.sequences()).toEqual(Array.from({ length: 2_000 }, (_, index) => newest - 2_000 + 1 + index));
});
