import { createHmac } from 'node:crypto';
import { lookup } from 'node:dns/promises';

import ipaddr from 'ipaddr.js';
import { Agent, request } from 'undici';

import { errors } from '#platform/errors';

import { FinalFailure } from './channels';

export interface Webhook {
  /** INVALID_REQUEST for an address that may not be called. */
  check(url: string): Promise<void>;
  post(url: string, body: string, headers?: Readonly<Record<string, string>>): Promise<void>;
}

const timeoutMs = 10_000;

const isPrivate = (address: string): boolean => ipaddr.process(address).range() !== 'unicast';

/** The receiver recomputes it over timestamp and body; the time keeps an old call from being played again. */
export function signatureOf(body: string, secret: string): Record<string, string> {
  const timestamp = String(Math.floor(Date.now() / 1_000));
  return {
    'x-parley-timestamp': timestamp,
    'x-parley-signature': `v1=${createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex')}`,
  };
}

export function createWebhook({ allowPrivateHosts }: { allowPrivateHosts: boolean }): Webhook {
  /** Resolves the name once and gives that very address to the connection, so that it cannot change in between. */
  const addressOf = async (url: string): Promise<{ address: string; family: 4 | 6 }> => {
    const host = new URL(url).hostname.replace(/^\[|\]$/g, '');
    const found = ipaddr.isValid(host) ? [{ address: host }] : await lookup(host, { all: true }).catch(() => []);
    const address = found[0]?.address;
    if (!address || (!allowPrivateHosts && found.some((entry) => isPrivate(entry.address)))) {
      throw errors.INVALID_REQUEST(
        { what: 'the webhook address', hint: 'it must be a public address that can be found' },
        { field: 'channels' },
      );
    }
    return { address, family: ipaddr.parse(address).kind() === 'ipv6' ? 6 : 4 };
  };

  return {
    async check(url) {
      await addressOf(url);
    },
    async post(url, body, headers = {}) {
      const { address, family } = await addressOf(url);
      const agent = new Agent({
        connect: {
          timeout: timeoutMs,
          lookup: (_host, opts, done) => (opts.all ? done(null, [{ address, family }]) : done(null, address, family)),
        },
        connections: 1,
      });
      try {
        // Redirects are not followed: they could lead where the check did not look.
        const answer = await request(url, {
          method: 'POST',
          body,
          headers: { 'content-type': 'application/json', ...headers },
          dispatcher: agent,
          headersTimeout: timeoutMs,
          bodyTimeout: timeoutMs,
        });
        const { statusCode } = answer;
        // Nothing of the answer is used; one without end is cut.
        await answer.body.dump({ limit: 65_536 });
        if (statusCode < 300) return;
        const problem = `the receiver answered ${statusCode}`;
        throw statusCode < 500 && statusCode !== 408 && statusCode !== 429 ? new FinalFailure(problem) : new Error(problem);
      } finally {
        await agent.destroy();
      }
    },
  };
}
