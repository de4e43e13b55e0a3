import { z } from 'zod';

const url = z.url({ protocol: /^https?$/, error: 'it must be an http or https address' }).max(2_000);

export const channel = z.discriminatedUnion('type', [
  z.object({ type: z.literal('webhook'), url, secret: z.string().min(8).max(200).nullish() }),
  z.object({ type: z.literal('slack'), url }),
  z.object({ type: z.literal('email'), to: z.array(z.email('it must be an e-mail address')).min(1).max(50) }),
]);
export type Channel = z.infer<typeof channel>;

export interface Notice {
  readonly subject: string;
  readonly text: string;
  /** What a program reads: alert or report, value, time. */
  readonly data: Readonly<Record<string, unknown>>;
  readonly attachment?: { readonly filename: string; readonly contentType: string; readonly content: Buffer };
  /** Unique per event, so that a receiver can drop a repetition. */
  readonly id: string;
}

export interface Delivery {
  readonly channel: string;
  readonly target: string;
  readonly delivered: boolean;
  readonly attempts: number;
  readonly problem: string | null;
}

/** Delivers a notice to one channel; a failure is in the answer, never thrown. */
export interface Messenger {
  deliver(channel: Channel, notice: Notice): Promise<Delivery>;
  /** Throws INVALID_REQUEST for an address that may not be called or a channel that the deployment does not have. */
  check(channel: Channel): Promise<void>;
}

/** Sent again would fail alike: a receiver that refuses. */
export class FinalFailure extends Error {}

/** Where it goes, without what a stranger could use. */
export const targetOf = (to: Channel): string => (to.type === 'email' ? to.to.join(', ') : new URL(to.url).host);
