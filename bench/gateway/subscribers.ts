import { once } from 'node:events';

import { WebSocket } from 'ws';

import { ask } from './drive';

export interface FanOut {
  readonly subscribers: number;
  readonly events: number;
  /** Events that reached a client, a second. */
  readonly deliveriesPerSecond: number;
  /** From the mutation to the last client. */
  readonly medianMs: number;
}

/** Everybody listens to one topic, each event with a field of another subgraph; measures how long one takes to reach all. */
export async function fanOut(
  port: number,
  { subscribers, events }: { readonly subscribers: number; readonly events: number },
): Promise<FanOut> {
  const url = `ws://127.0.0.1:${port}/graphql`;
  let received = 0;
  let wake: (() => void) | undefined;
  const open = async (): Promise<WebSocket> => {
    const socket = new WebSocket(url, 'graphql-transport-ws');
    await once(socket, 'open');
    socket.send('{"type":"connection_init"}');
    await once(socket, 'message');
    socket.send(
      JSON.stringify({ id: '1', type: 'subscribe', payload: { query: 'subscription { ticked { at product { name inStock } } }' } }),
    );
    socket.on('message', () => {
      received += 1;
      if (received >= subscribers) wake?.();
    });
    return socket;
  };
  const sockets: WebSocket[] = [];
  for (let opened = 0; opened < subscribers; opened += 50)
    sockets.push(...(await Promise.all(Array.from({ length: Math.min(50, subscribers - opened) }, open))));
  // The last subscribe frames have to arrive before the first event.
  await new Promise((resolve) => setTimeout(resolve, 500));
  const times: number[] = [];
  for (let event = 0; event < events + 2; event += 1) {
    received = 0;
    const all = new Promise<void>((resolve) => (wake = resolve));
    const sent = performance.now();
    await ask(`http://127.0.0.1:${port}/graphql`, `mutation { tick(count: ${event}) }`);
    await all;
    // The first two warm up.
    if (event >= 2) times.push(performance.now() - sent);
  }
  for (const socket of sockets) socket.terminate();
  times.sort((a, b) => a - b);
  const total = times.reduce((sum, time) => sum + time, 0) / 1_000;
  return { subscribers, events, deliveriesPerSecond: (subscribers * events) / total, medianMs: times[Math.floor(times.length / 2)] ?? 0 };
}
