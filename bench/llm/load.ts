import { Pool } from 'undici';

export interface Target {
  /** With the path of the chat route. */
  readonly url: string;
  readonly token: string;
}

export interface Spread {
  readonly p50Ms: number;
  readonly p99Ms: number;
}

export interface Measured {
  readonly whole: Spread;
  /** To the first piece of the answer. */
  readonly first: Spread;
  /** Pieces that an answer came in, on average: as many as the provider sent where nothing buffers. */
  readonly pieces: number;
}

export interface Load extends Target {
  readonly stream: boolean;
  readonly requests: number;
  /** Requests begun a second, whether or not earlier ones have ended; 0: `concurrency` at a time, as fast as they go. */
  readonly perSecond: number;
  readonly concurrency?: number;
}

const spread = (values: number[]): Spread => {
  values.sort((a, b) => a - b);
  const at = (share: number): number => values[Math.min(values.length - 1, Math.floor(values.length * share))] ?? 0;
  return { p50Ms: at(0.5), p99Ms: at(0.99) };
};

let serial = 0;

/** Sends chat requests and takes the times of their answers. Every question is a new one, so that no cache answers. */
export async function drive({ url, token, stream, requests, perSecond, concurrency = 32 }: Load): Promise<Measured> {
  const { origin, pathname } = new URL(url);
  const pool = new Pool(origin, { connections: 256, pipelining: 1 });
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` };
  const [whole, first]: [number[], number[]] = [[], []];
  let pieces = 0;
  const one = async (): Promise<void> => {
    serial += 1;
    const body = JSON.stringify({
      model: 'bench-model',
      messages: [{ role: 'user', content: `How much revenue did we make in region ${serial}?` }],
      stream,
    });
    const sent = performance.now();
    const response = await pool.request({ path: pathname, method: 'POST', headers, body });
    let text = '';
    for await (const piece of response.body) {
      if (text === '') first.push(performance.now() - sent);
      pieces += 1;
      text += String(piece);
    }
    if (response.statusCode !== 200 || text.includes('"error"')) throw new Error(`status ${response.statusCode}: ${text.slice(0, 300)}`);
    whole.push(performance.now() - sent);
  };
  if (perSecond > 0) await atRate(one, { requests, perSecond });
  else await atOnce(one, { requests, concurrency });
  await pool.close();
  return { whole: spread(whole), first: spread(first), pieces: pieces / requests };
}

async function atRate(
  one: () => Promise<void>,
  { requests, perSecond }: { readonly requests: number; readonly perSecond: number },
): Promise<void> {
  const running: Promise<void>[] = [];
  const begun = performance.now();
  for (let index = 0; index < requests; index += 1) {
    const due = begun + (index * 1_000) / perSecond;
    const early = due - performance.now();
    if (early > 0) await new Promise((resolve) => setTimeout(resolve, early));
    running.push(one());
  }
  await Promise.all(running);
}

async function atOnce(
  one: () => Promise<void>,
  { requests, concurrency }: { readonly requests: number; readonly concurrency: number },
): Promise<void> {
  let left = requests;
  const worker = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      await one();
    }
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
}
