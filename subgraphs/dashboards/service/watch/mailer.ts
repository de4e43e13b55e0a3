import type { Transporter } from 'nodemailer';

import { FinalFailure, type Notice } from './channels';

interface Refusal {
  readonly recipient?: string;
  readonly responseCode?: number;
}

/** SMTP (RFC 5321): a refusal of 500 and above stays one, below that the server asks to try again. */
const isFinal = ({ responseCode }: Refusal): boolean => (responseCode ?? 0) >= 500;

/**
 * Sends one notice. Called again, it goes only to those whom the server asked to try again: nobody gets it twice because another's
 * address bounced.
 */
export function createMailer(
  transport: Transporter,
  { from, to, notice }: { from: string; to: readonly string[]; notice: Notice },
): () => Promise<void> {
  let waiting = [...to];
  const bounced: string[] = [];
  const { filename, contentType, content } = notice.attachment ?? {};

  return async () => {
    const refusals: Refusal[] = await transport
      .sendMail({
        from,
        to: waiting,
        subject: notice.subject,
        text: notice.text,
        headers: { 'X-Parley-Notice': notice.id },
        attachments: content ? [{ filename, contentType, content }] : [],
      })
      .then(
        (info: { rejectedErrors?: Refusal[] }) => info.rejectedErrors ?? [],
        (error: { rejectedErrors?: Refusal[] }) => {
          // Without a list it was not the recipients: nobody got it.
          if (!error.rejectedErrors?.length) throw error;
          return error.rejectedErrors;
        },
      );
    const named = refusals.filter(({ recipient }) => recipient !== undefined);
    bounced.push(...named.filter(isFinal).map(({ recipient }) => recipient!));
    waiting = named.filter((refusal) => !isFinal(refusal)).map(({ recipient }) => recipient!);
    if (waiting.length > 0) throw new Error(`not delivered to ${[...bounced, ...waiting].join(', ')}`);
    if (bounced.length > 0) throw new FinalFailure(`refused for ${bounced.join(', ')}`);
  };
}
