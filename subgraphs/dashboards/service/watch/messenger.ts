import { createHmac } from 'node:crypto';
import { lookup } from 'node:dns/promises';

import ipaddr from 'ipaddr.js';
import { createTransport } from 'nodemailer';
import { Agent, request } from 'undici';

import { errors } from '#platform/errors';

import { targetOf, type Channel, type Delivery, type Messenger, type Notice } from './channels';

export interface MessengerOptions {
  /** `smtp://…`; without it e-mail channels are refused. */
  readonly smtpUrl?: string;
  readonly mailFrom: string;
  /** Webhooks to private and loopback addresses. @default false */
  readonly allowPrivateHosts?: boolean;
  /** @default 3 */
  readonly attempts?: number;
  /** Before the second attempt; doubled before each further one. @default 1_000 ms */
  readonly backoffMs?: number;
}

const timeoutMs = 10_000;

const isPrivate = (address: string): boolean => ipaddr.process(address).range() !== 'unicast';

export function createMessenger(options: MessengerOptions): Messenger {
  const { smtpUrl, mailFrom, allowPrivateHosts = false, attempts = 3, backoffMs = 1_000 } = options;
  const transport = smtpUrl ? createTransport(smtpUrl) : null;

  /** Resolves the name once and gives that very address to the connection, so that it cannot change in between. */
  const addressOf = async (url: string): Promise<string> => {
    const { hostname } = new URL(url);
    const host = hostname.replace(/^\[|\]$/g, '');
    const refused = errors.INVALID_REQUEST({ what: 'the webhook address', hint: 'it must be a public address that can be found' }, { field: 'channels' });
    const found = ipaddr.isValid(host) ? [{ address: host }] : await lookup(host, { all: true }).catch(() => []);
    const address = found[0]?.address;
    if (!address || (!allowPrivateHosts && found.some((entry) => isPrivate(entry.address)))) throw refused;
    return address;
  };

  const post = async (url: string, body: string, headers: Record<string, string>): Promise<void> => {
    const address = await addressOf(url);
    const agent = new Agent({
      connect: { lookup: (_host, opts, done) => (opts.all ? done(null, [{ address, family: ipaddr.parse(address).kind() === 'ipv6' ? 6 : 4 }]) : done(null, address, ipaddr.parse(address).kind() === 'ipv6' ? 6 : 4)) },
      connections: 1,
    });
    try {
      // Redirects are not followed: they could lead where the check did not look.
      const answer = await request(url, { method: 'POST', body, headers: { 'content-type': 'application/json', ...headers }, dispatcher: agent, headersTimeout: timeoutMs, bodyTimeout: timeoutMs });
      await answer.body.dump();
      if (answer.statusCode >= 300) throw new Error(`the receiver answered ${answer.statusCode}`);
    } finally {
      await agent.close();
    }
  };

  const send = async (to: Channel, notice: Notice): Promise<void> => {
    if (to.type === 'email') {
      if (!transport) throw new Error('e-mail is not configured');
      const { filename, contentType, content } = notice.attachment ?? {};
      const info = await transport.sendMail({
        from: mailFrom,
        to: to.to,
        subject: notice.subject,
        text: notice.text,
        headers: { 'X-Parley-Notice': notice.id },
        attachments: content ? [{ filename, contentType, content }] : [],
      });
      if (info.rejected.length > 0) throw new Error(`refused for ${info.rejected.join(', ')}`);
      return;
    }
    if (to.type === 'slack') return post(to.url, JSON.stringify({ text: `*${notice.subject}*\n${notice.text}` }), {});
    const body = JSON.stringify({ id: notice.id, subject: notice.subject, text: notice.text, ...notice.data });
    const timestamp = String(Math.floor(Date.now() / 1_000));
    // The receiver recomputes it over timestamp and body; the time keeps an old call from being played again.
    const signature: Record<string, string> = to.secret ? { 'x-parley-timestamp': timestamp, 'x-parley-signature': `v1=${createHmac('sha256', to.secret).update(`${timestamp}.${body}`).digest('hex')}` } : {};
    return post(to.url, body, { 'x-parley-notice': notice.id, ...signature });
  };

  return {
    async check(to) {
      if (to.type !== 'email') await addressOf(to.url);
      else if (!transport) throw errors.INVALID_REQUEST({ what: 'channels', hint: 'e-mail needs SMTP_URL to be set in this deployment' }, { field: 'channels' });
    },
    async deliver(to, notice) {
      let problem = '';
      for (let attempt = 1; attempt <= attempts; attempt += 1) {
        try {
          await send(to, notice);
          return { channel: to.type, target: targetOf(to), delivered: true, attempts: attempt, problem: null };
        } catch (error) {
          problem = error instanceof Error ? error.message : 'not delivered';
          if (attempt < attempts) await new Promise((resolve) => setTimeout(resolve, backoffMs * 2 ** (attempt - 1)));
        }
      }
      const delivery: Delivery = { channel: to.type, target: targetOf(to), delivered: false, attempts, problem };
      return delivery;
    },
  };
}
