import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

const dimension = 24;

/** A vector that texts of the same words share: enough to be nearest to itself. */
function vectorOf(words: string, length: number): number[] {
  const vector = Array.from({ length }, () => 0.01);
  for (const word of words.toLowerCase().match(/\p{L}+/gu) ?? []) {
    const sum = [...word].reduce((total, letter) => (Math.imul(total, 31) + letter.codePointAt(0)!) >>> 0, 7);
    vector[sum % length]! += 1;
  }
  return vector;
}

/** A provider's `/embeddings`, whose answers the test decides. */
export async function embeddingServer() {
  const state = { status: 200, length: dimension, held: undefined as Promise<void> | undefined, fewer: false };
  const seen: {
    readonly path: string;
    readonly key: string | undefined;
    readonly model: string;
    readonly input: readonly string[];
    readonly status: number;
  }[] = [];
  const server = createServer((request, response) => {
    void (async () => {
      const body = JSON.parse(await text(request)) as { model: string; input: string[] };
      await state.held;
      seen.push({ path: request.url!, key: request.headers.authorization, status: state.status, ...body });
      response.writeHead(state.status, { 'content-type': 'application/json' });
      if (state.status !== 200) return response.end(JSON.stringify({ error: { message: 'scripted', type: 'scripted' } }));
      const data = body.input.map((words, index) => ({ index, object: 'embedding', embedding: vectorOf(words, state.length) }));
      return response.end(JSON.stringify({ object: 'list', model: body.model, data: state.fewer ? data.slice(1) : data }));
    })().catch(() => response.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    dimension,
    seen,
    /** How it answers from now on. */
    answer: (change: Partial<Pick<typeof state, 'status' | 'length' | 'fewer'>>): void => void Object.assign(state, change),
    /** Answers nothing until the returned function is called. */
    hold: (): (() => void) => {
      let release!: () => void;
      state.held = new Promise((resolve) => (release = resolve));
      return () => {
        state.held = undefined;
        release();
      };
    },
    close: async (): Promise<void> => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
