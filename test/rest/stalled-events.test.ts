import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';

import { holdTimers } from '../kit/held-timers';
import { until } from '../kit/until';
import { restWorld, tokenOf, type RestWorld } from './kit/world';

const stalledMs = 54_323;

let w: RestWorld;
beforeAll(async () => {
  w = await restWorld({ streams: { stalledMs } });
});
afterAll(() => w[Symbol.asyncDispose]());

/** Server-sent events of a bare client, which can stop reading. */
async function listen(path: string, headers: Record<string, string> = {}) {
  const outgoing = request(`${w.url}/api/v1${path}`, { headers: { authorization: `Bearer ${tokenOf()}`, ...headers }, agent: false });
  outgoing.on('error', () => undefined).end();
  const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
  const ids: number[] = [];
  let rest = '';
  let isOver = false;
  response.on('error', () => undefined).on('close', () => (isOver = true));
  response.setEncoding('utf8').on('data', (chunk: string) => {
    const blocks = (rest + chunk).split('\n\n');
    rest = blocks.pop()!;
    for (const block of blocks) ids.push(...[...block.matchAll(/^id: (\d+)$/gm)].map(([, id]) => Number(id)));
  });
  return {
    ids,
    stall: () => response.pause(),
    readOn: () => response.resume(),
    isOver: () => isOver,
    isWhole: () => response.complete,
    leave: () => outgoing.destroy(),
  };
}

it.each([
  { door: 'chat', path: '/bi/chat/sessions/sess-1/events', topic: 'chat:sess-1' },
  { door: 'agent', path: '/agents/stream/mine', topic: 'agent:mine' },
])(
  'ends the event stream of a reader at the $door door that stands still, holds little for it, and others read on',
  async ({ path, topic }) => {
    using patience = holdTimers(stalledMs);
    const readers = await Promise.all(Array.from({ length: 5 }, () => listen(path)));
    const stalled = await listen(path);
    await until(() => w.log.followerCount() === 6);
    stalled.stall();
    const content = 'x'.repeat(50_000);
    let told = 0;
    // Let go long before all of it is held for it: the bound of the stream and what the operating system takes.
    for (; w.log.followerCount() === 6; told += 1) {
      expect(told).toBeLessThan(600);
      await w.log.append({ tenantId: 'acme', name: topic }, [{ type: 'text', data: { content } }]);
      if (told % 20 === 0) await until(() => readers.every(({ ids }) => ids.length === told + 1));
    }
    await until(() => readers.every(({ ids }) => ids.length === told) && patience.waitingCount() === 1);
    // Nobody reads, and yet the connection goes, when it has taken nothing for so long: only the readers' are left, who have taken all.
    patience.passAll();
    const connections = () => new Promise<number>((resolve, reject) => w.server.getConnections((error, count) => (error ? reject(error) : resolve(count)))); // prettier-ignore
    await until(async () => (await connections()) === 5);
    stalled.readOn();
    await until(() => stalled.isOver());
    expect(stalled.isWhole()).toBe(false);
    const all = Array.from({ length: told }, (_, index) => index + 1);
    for (const { ids } of readers) expect(ids).toEqual(all);
    const back = await listen(path, { 'last-event-id': String(stalled.ids.at(-1) ?? 0) });
    await until(() => stalled.ids.length + back.ids.length === told);
    expect([...stalled.ids, ...back.ids]).toEqual(all);
    for (const { leave } of [...readers, back]) leave();
    await until(() => w.log.followerCount() === 0);
  },
);
