import type { ExecutionResult } from 'graphql';

import type { Caller } from '#platform/auth';
import { catalogue, isErrorCode, type PublicError } from '#platform/errors';
import { onlyWhatComes } from '#platform/events';
import { createRequestContext } from '#platform/graphql';

import type { GraphEngine } from '../../gateway/engine';
import { boundedStream } from '../../gateway/subscriptions/bounded-stream';
import type { GraphEvent } from './frames';

export interface FollowRequest {
  readonly engine: GraphEngine;
  /** A door's subscription, and what it takes as `$id`. */
  readonly subscription: string;
  readonly id: string;
  /** The last sequence seen; undefined for what happens from now on. */
  readonly after: number | undefined;
  readonly caller: Caller;
  readonly requestId: string;
  readonly signal: AbortSignal;
}

/** One step of a stream: an event, or a failure of that event alone. */
export type Step = { readonly event: GraphEvent } | { readonly failure: Omit<PublicError, 'status'> };

export type Followed = { readonly steps: AsyncIterableIterator<Step> } | { readonly refused: Omit<PublicError, 'status'> };

const isStream = (result: object): result is AsyncIterableIterator<ExecutionResult> => Symbol.asyncIterator in result;

const failureOf = ({ errors = [] }: ExecutionResult): Omit<PublicError, 'status'> => {
  const { message = catalogue.INTERNAL_ERROR.message, extensions = {} } = errors[0] ?? {};
  const code = isErrorCode(extensions.code) ? extensions.code : 'INTERNAL_ERROR';
  return { code, message: code === 'INTERNAL_ERROR' ? catalogue.INTERNAL_ERROR.message : message, retryable: catalogue[code].retry };
};

/** Subscribes to a door's events through the graph, so that identity, tenancy and fan-out are those of every subscription. */
export async function follow({ engine, subscription, id, after, caller, requestId, signal }: FollowRequest): Promise<Followed> {
  const context = createRequestContext({ caller, requestId, signal });
  const result = await engine.subscribe({ source: subscription, variables: { id, after: after ?? onlyWhatComes }, context });
  if (!isStream(result)) return { refused: failureOf(result) };
  const bounded = boundedStream(result);
  const steps: AsyncIterableIterator<Step> = {
    async next() {
      const { done, value } = await bounded.next();
      if (done) return { done: true, value: undefined };
      const event = eventOf(value);
      return { done: false, value: event ? { event } : { failure: failureOf(value) } };
    },
    async return() {
      await bounded.return!();
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]() {
      return steps;
    },
  };
  return { steps };
}

const eventOf = ({ data }: ExecutionResult): GraphEvent | undefined => (data?.event ?? undefined) as GraphEvent | undefined;

/** `after_sequence`, `Last-Event-ID`: a whole number from 0, or undefined where it is none. */
export const readSequence = (value: unknown): number | undefined => {
  const number = typeof value === 'string' && /^\d{1,10}$/.test(value) ? Number(value) : value;
  return Number.isInteger(number) && (number as number) >= 0 && (number as number) < 2 ** 31 ? (number as number) : undefined;
};
