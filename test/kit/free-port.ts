import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/**
 * Below what systems give to connections and to listeners without a port of their own (from 32,768 on Linux, from 49,152 elsewhere): in
 * the moment between asking and listening, and while a server is restarted on its port, nobody comes upon it by chance.
 */
const [lowest, beyond] = [20_000, 30_000];

/** A loopback port that was free a moment ago, for servers that cannot choose one themselves. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(lowest, beyond);
    if (await isFree(port)) return port;
  }
}

const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
