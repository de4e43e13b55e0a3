import { randomUUID } from 'node:crypto';

import { parse, type DocumentNode } from 'graphql';

import type { Caller } from '#platform/auth';
import { AppError, errors, isErrorCode } from '#platform/errors';
import { createRequestContext } from '#platform/graphql';

import type { GraphEngine } from '../engine';

export interface GraphCall {
  readonly document: DocumentNode;
  readonly variables?: Readonly<Record<string, unknown>>;
  readonly signal?: AbortSignal;
  readonly requestId?: string;
}

/** How one domain reaches another: through the graph, as the caller, so that every permission holds. */
export interface GraphClient {
  /** The data of the operation. A failure becomes the AppError that it was on the other side. */
  execute<Data>(caller: Caller, call: GraphCall): Promise<Data>;
  /** The engine exists only after the domains that call it: it is handed over once they are built. */
  connect(engine: GraphEngine): void;
}

/** A fixed operation of a port, parsed once. */
export const operation = (text: string): DocumentNode => parse(text, { noLocation: true });

export function createGraphClient(): GraphClient {
  let engine: GraphEngine | undefined;
  return {
    connect: (connected) => {
      engine = connected;
    },
    async execute<Data>(caller: Caller, { document, variables, signal, requestId = `req-${randomUUID()}` }: GraphCall): Promise<Data> {
      if (!engine) throw errors.SERVICE_UNAVAILABLE();
      const context = createRequestContext({ caller, requestId, ...(signal ? { signal } : {}) });
      const result = await engine.execute({ source: document, variables: variables ?? {}, context });
      const failure = result.errors?.[0];
      if (!failure) return result.data as Data;
      const { code, details } = failure.extensions;
      if (!isErrorCode(code)) throw errors.INTERNAL_ERROR({}, { cause: failure });
      throw new AppError(code, failure.message, { cause: failure, ...(details ? { details: details as Record<string, unknown> } : {}) });
    },
  };
}
