import { Pool } from 'undici';

export interface Target {
  /** With the path of the chat route. */
  readonly url: string;
  readonly token: string;
}

export interface Timing {
  /** From the moment at which the request was due, not from when it was sent: a client that comes late does not flatter its server. */
  readonly wholeMs: number;
  readonly firstMs: number;
  /** Pieces that the answer came in: as many as the provider sent where nothing buffers. */
  readonly pieces: number;
}

export interface Asker {
  ask(stream: boolean, due?: number): Promise<Timing>;
  close(): Promise<void>;
}

let serial = 0;

/** Sends chat requests to one target. Every question is a new one, so that no cache answers. */
export function createAsker({ url, token }: Target): Asker {
  const { origin, pathname } = new URL(url);
  const pool = new Pool(origin, { connections: 256, pipelining: 1 });
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` };
  return {
    async ask(stream, due = performance.now()) {
      serial += 1;
      const body = JSON.stringify({
        model: 'bench-model',
        messages: [{ role: 'user', content: `How much revenue did we make in region ${serial}?` }],
        stream,
      });
      const response = await pool.request({ path: pathname, method: 'POST', headers, body });
      let [text, pieces, firstMs] = ['', 0, 0];
      for await (const piece of response.body) {
        if (pieces === 0) firstMs = performance.now() - due;
        pieces += 1;
        text += String(piece);
      }
      const wholeMs = performance.now() - due;
      const isWhole = response.statusCode === 200 && !text.includes('"error"') && (!stream || text.includes('[DONE]'));
      if (!isWhole) throw new Error(`status ${response.statusCode}: ${text.slice(0, 300)}`);
      return { wholeMs, firstMs, pieces };
    },
    close: () => pool.close(),
  };
}
