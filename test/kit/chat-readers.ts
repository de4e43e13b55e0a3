import { createClient } from 'graphql-ws';
import { WebSocket, type ClientOptions } from 'ws';

export interface StreamEvent {
  readonly sequence: number;
  readonly type: string;
}

export interface ChatReader {
  /** What has arrived; nothing after `leave()`. */
  readonly events: readonly StreamEvent[];
  isOver(): boolean;
  /** Cuts the connection, with no good-bye. */
  leave(): void;
}

export interface ChatAddress {
  /** Of a running service. */
  readonly url: string;
  readonly token: string;
  readonly sessionId: string;
  readonly after: number;
}

/** A WebSocket that may be cut before it is open. */
class Socket extends WebSocket {
  constructor(address: string, options?: ClientOptions | string | string[]) {
    super(address, options as ClientOptions);
    this.on('error', () => undefined);
  }
}

class Reader implements ChatReader {
  events: readonly StreamEvent[] = [];
  private over = false;

  constructor(private readonly cut: () => void) {}

  readonly isOver = (): boolean => this.over;
  readonly end = (): void => void (this.over = true);
  readonly take = (event: StreamEvent): void => {
    if (!this.over) this.events = [...this.events, event];
  };

  leave(): void {
    this.end();
    this.cut();
  }
}

/** `/ws/chat/:session_id` */
export function overSocket({ url, token, sessionId, after }: ChatAddress): ChatReader {
  const address = `${url.replace(/^http/, 'ws')}/ws/chat/${sessionId}?after_sequence=${after}`;
  const socket = new Socket(address, { headers: { authorization: `Bearer ${token}` } });
  const reader = new Reader(() => socket.terminate());
  socket.on('message', (text) => {
    const { type, metadata } = JSON.parse(String(text)) as { type: string; metadata: { sequence?: number } };
    if (metadata.sequence !== undefined) reader.take({ type, sequence: metadata.sequence });
  });
  socket.on('close', reader.end);
  return reader;
}

/** Server-sent events, resumed by `Last-Event-ID`. */
export function overEvents({ url, token, sessionId, after }: ChatAddress): ChatReader {
  const stop = new AbortController();
  const reader = new Reader(() => stop.abort());
  const read = async (): Promise<void> => {
    const headers = { authorization: `Bearer ${token}`, 'last-event-id': String(after) };
    const { body } = await fetch(`${url}/api/v1/bi/chat/sessions/${sessionId}/events`, { headers, signal: stop.signal });
    let rest = '';
    for await (const chunk of body as unknown as AsyncIterable<Uint8Array>) {
      const blocks = (rest + Buffer.from(chunk).toString()).split('\n\n');
      rest = blocks.pop()!;
      for (const block of blocks) {
        const [, type, id] = /^event: (.+)\nid: (\d+)$/m.exec(block) ?? [];
        if (type && id) reader.take({ type, sequence: Number(id) });
      }
    }
  };
  read().then(reader.end, reader.end);
  return reader;
}

/** `chatEvents(after:)` over graphql-ws. */
export function overGraph({ url, token, sessionId, after }: ChatAddress): ChatReader {
  const client = createClient({
    url: `${url.replace(/^http/, 'ws')}/graphql`,
    webSocketImpl: Socket,
    retryAttempts: 0,
    connectionParams: { authorization: `Bearer ${token}` },
  });
  const reader = new Reader(() => client.terminate());
  const query = 'subscription ($id: ID!, $after: Int) { event: chatEvents(sessionId: $id, after: $after) { type sequence } }';
  client.subscribe<{ event: StreamEvent }>(
    { query, variables: { id: sessionId, after } },
    { next: ({ data }) => reader.take(data!.event), error: reader.end, complete: reader.end },
  );
  return reader;
}
