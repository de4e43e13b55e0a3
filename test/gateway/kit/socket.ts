import { once } from 'node:events';
import type { Socket } from 'node:net';

import WebSocket from 'ws';

import { until } from '../../kit/until';

/** A bare socket: what a client sends that no library would, and one that stops reading. */
export async function socketTo(url: string, { protocol = 'graphql-transport-ws', init }: { protocol?: string; init?: object } = {}) {
  const socket = protocol === '' ? new WebSocket(url) : new WebSocket(url, protocol);
  const messages: any[] = [];
  let isClosed = false;
  const closed = new Promise<number>((resolve) => socket.once('close', resolve));
  void closed.then(() => (isClosed = true));
  socket.on('message', (data) => messages.push(JSON.parse(String(data))));
  socket.on('error', () => undefined);
  await once(socket, 'open');
  const send = (message: unknown): void => socket.send(typeof message === 'string' ? message : JSON.stringify(message));
  if (init) {
    send({ type: 'connection_init', payload: init });
    await until(() => isClosed || messages.some(({ type }) => type === 'connection_ack'));
  }
  const wire = (socket as unknown as { readonly _socket: Socket })._socket;
  return { socket, messages, closed, send, pause: () => wire.pause(), resume: () => wire.resume() };
}
