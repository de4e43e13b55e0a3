import { WebSocket, type ClientOptions } from 'ws';

import { until } from '../../kit/until';

export interface Frame {
  readonly type: string;
  readonly data: any;
  readonly metadata: { readonly sequence?: number; readonly [name: string]: unknown };
}

/** A typed-event socket that remembers what it saw and can be waited for; of large events only that they came, where `slim`. */
export function connect(url: string, { slim = false, ...options }: ClientOptions & { readonly slim?: boolean } = {}) {
  const socket = new WebSocket(url.replace(/^http/, 'ws'), options);
  const frames: Frame[] = [];
  const read = (data: unknown): Frame => {
    const frame = JSON.parse(String(data)) as Frame;
    return slim ? { ...frame, data: undefined } : frame;
  };
  let closed: { code: number; reason: string } | undefined;
  let refused: number | undefined;
  socket.on('message', (data) => frames.push(read(data)));
  socket.on('close', (code, reason) => (closed = { code, reason: String(reason) }));
  socket.on('unexpected-response', (_request, response) => (refused = response.statusCode));
  socket.on('error', () => undefined);
  return {
    socket,
    frames,
    say: (frame: unknown) => socket.send(typeof frame === 'string' || frame instanceof Buffer ? frame : JSON.stringify(frame)),
    /** The first frame of a type, or the nth. */
    frame: (type: string, index = 0) => until(() => frames.filter((frame) => frame.type === type)[index]),
    ready: () => until(() => frames.find(({ type }) => type === 'connection_ready')),
    closed: () => until(() => closed),
    refused: () => until(() => refused),
    sequences: () => frames.flatMap(({ metadata }) => metadata.sequence ?? []),
    [Symbol.dispose]: () => socket.terminate(),
  };
}
