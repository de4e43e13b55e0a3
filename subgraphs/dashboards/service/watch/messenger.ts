import { createTransport } from 'nodemailer';

import { errors } from '#platform/errors';

import { FinalFailure, targetOf, type Channel, type Messenger, type Notice } from './channels';
import { createMailer } from './mailer';
import { createWebhook, signatureOf } from './webhook';

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

export function createMessenger(options: MessengerOptions): Messenger {
  const { smtpUrl, mailFrom, allowPrivateHosts = false, attempts = 3, backoffMs = 1_000 } = options;
  const webhook = createWebhook({ allowPrivateHosts });
  const transport = smtpUrl ? createTransport(smtpUrl) : null;

  /** A function to be called once per attempt; mail keeps to those whom an earlier attempt did not reach. */
  const sender = (to: Channel, notice: Notice): (() => Promise<void>) => {
    if (to.type === 'email') {
      if (!transport) return () => Promise.reject(new FinalFailure('e-mail is not configured'));
      return createMailer(transport, { from: mailFrom, to: to.to, notice });
    }
    if (to.type === 'slack')
      return () => webhook.post(to.url, JSON.stringify({ text: `*${slackText(notice.subject)}*\n${slackText(notice.text)}` }));
    const body = JSON.stringify({ id: notice.id, subject: notice.subject, text: notice.text, ...notice.data });
    return () => webhook.post(to.url, body, { 'x-parley-notice': notice.id, ...(to.secret ? signatureOf(body, to.secret) : {}) });
  };

  return {
    async check(to) {
      if (to.type !== 'email') await webhook.check(to.url);
      else if (!transport)
        throw errors.INVALID_REQUEST(
          { what: 'channels', hint: 'e-mail needs SMTP_URL to be set in this deployment' },
          { field: 'channels' },
        );
    },
    async deliver(to, notice) {
      const send = sender(to, notice);
      const outcome = { channel: to.type, target: targetOf(to) };
      for (let attempt = 1; ; attempt += 1) {
        try {
          await send();
          return { ...outcome, delivered: true, attempts: attempt, problem: null };
        } catch (error) {
          const problem = error instanceof Error ? error.message : 'not delivered';
          if (attempt >= attempts || error instanceof FinalFailure) return { ...outcome, delivered: false, attempts: attempt, problem };
          await new Promise((resolve) => setTimeout(resolve, backoffMs * 2 ** (attempt - 1)));
        }
      }
    },
  };
}

/** Slack reads `<!channel>` and `<https://…|…>` as commands; escaped they are text. */
const slackText = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
