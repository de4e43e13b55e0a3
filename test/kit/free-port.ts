import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/**
 * Below what systems give to connections and to listeners without a port of their own (from 32,768 on Linux, from 49,152 elsewhere): in
 * the moment between asking and listening, and while a server is restarted on its port, nobody comes upon it by chance.
 */
const [lowest, beyond] = [20_000, 30_000];

/** Each worker of jest has every sixteenth port, so that two that start a server at the same time never choose the same. */
const workers = 16;
const worker = Number(process.env.JEST_WORKER_ID ?? 0) % workers;
const given = new Set<number>();

/** A loopback port that was free a moment ago, for servers that cannot choose one themselves; another at each call. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = lowest + workers * randomInt((beyond - lowest) / workers) + worker;
    if (given.has(port) || !(await isFree(port))) continue;
    given.add(port);
    return port;
  }
}

const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
