import { isIP } from 'node:net';

import { Agent, request } from 'undici';

import { resolveAddress, type ReachOptions } from './address';

export interface HttpTarget {
  readonly host: string;
  readonly port: number;
  readonly ssl: boolean;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

export interface HttpCall {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** Path and query; the origin is always the target's. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal?: AbortSignal;
  /** More than this is an error. @default 67_108_864 bytes */
  readonly maxBytes?: number;
}

/** The answer is larger than it may be. */
export class TooLarge extends Error {
  override readonly name = 'TooLarge';
}

/** HTTP to one host at the one address that was checked. Redirects are answers like any other: nothing follows them. */
export class PinnedHttp {
  private agent: Promise<Agent> | undefined;

  constructor(
    private readonly target: HttpTarget,
    private readonly reach: ReachOptions,
  ) {}

  async call({ method, path, headers = {}, body, signal, maxBytes = 64 * 1024 * 1024 }: HttpCall): Promise<HttpAnswer> {
    const { host, port, ssl } = this.target;
    const name = isIP(host) === 6 ? `[${host}]` : host;
    const dispatcher = await (this.agent ??= this.open());
    const answer = await request(`${ssl ? 'https' : 'http'}://${name}:${port}${path}`, { method, headers, body, signal, dispatcher });
    const parts: Buffer[] = [];
    let bytes = 0;
    for await (const part of answer.body as AsyncIterable<Buffer>) {
      bytes += part.length;
      if (bytes > maxBytes) {
        answer.body.destroy();
        throw new TooLarge('the answer is larger than a result may be; ask for fewer rows or columns');
      }
      parts.push(part);
    }
    return { status: answer.statusCode, headers: answer.headers, body: Buffer.concat(parts).toString('utf8') };
  }

  async close(): Promise<void> {
    const agent = await this.agent?.catch(() => undefined);
    await agent?.close();
  }

  private async open(): Promise<Agent> {
    const address = await resolveAddress(this.target.host, this.reach);
    const family = isIP(address);
    return new Agent({
      connections: 4,
      headersTimeout: 300_000,
      bodyTimeout: 300_000,
      connect: {
        timeout: 10_000,
        // The name stays for TLS; the address is the one that was checked.
        lookup: (_name, options, done) => {
          if (options.all)
            (done as unknown as (error: null, found: { address: string; family: number }[]) => void)(null, [{ address, family }]);
          else done(null, address, family);
        },
      },
    });
  }
}
