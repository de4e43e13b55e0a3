import { GraphQLError } from 'graphql';

import { catalogue } from '#platform/errors';

/** A client's operation is not going to run, and why. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  constructor(readonly reasons: readonly GraphQLError[]) {
    super(reasons[0]?.message);
  }
}

const suggestion = / Did you mean .*\?$/s;

/** Parse and validation messages name only what the client sent, so they are shown, with their positions. */
export function invalidOperation(reasons: readonly GraphQLError[], withSuggestions: boolean): Refusal {
  return new Refusal(
    reasons.map(
      (reason) =>
        new GraphQLError(withSuggestions ? reason.message : reason.message.replace(suggestion, ''), {
          nodes: reason.nodes,
          source: reason.source,
          positions: reason.positions,
          extensions: { code: 'INVALID_REQUEST', retryable: catalogue.INVALID_REQUEST.retry },
        }),
    ),
  );
}

export const refuse = (message: string, details?: Readonly<Record<string, unknown>>): Refusal =>
  new Refusal([new GraphQLError(message, { extensions: { code: 'INVALID_REQUEST', retryable: false, ...(details ? { details } : {}) } })]);
