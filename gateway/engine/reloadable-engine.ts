import type { DocumentNode, ExecutionResult, GraphQLSchema } from 'graphql';

import { mapEvents } from './execution/event-stream';
import type { GraphEngine, GraphRequest } from './types';

/** Ends streams of an engine that has been replaced; doors close as "going away", after which clients come back. */
export class EngineReplaced extends Error {
  override readonly name = 'EngineReplaced';
}

export interface ReloadableEngine extends GraphEngine {
  /** New requests go to `next` at once; the old engine ends its requests, and its streams have `drainMs` before they are ended. */
  replace(next: GraphEngine): Promise<void>;
}

export interface ReloadOptions {
  /** @default 30_000 */
  readonly drainMs?: number;
}

interface Generation {
  readonly engine: GraphEngine;
  running: number;
  readonly streams: Set<(reason: EngineReplaced) => void>;
  onIdle: (() => void) | undefined;
}

const generation = (engine: GraphEngine): Generation => ({ engine, running: 0, streams: new Set(), onIdle: undefined });

/** An engine that can be exchanged for another while it serves. */
export function reloadableEngine(first: GraphEngine, { drainMs = 30_000 }: ReloadOptions = {}): ReloadableEngine {
  let current = generation(first);

  const leave = (of: Generation): void => {
    of.running -= 1;
    if (of.running === 0) of.onIdle?.();
  };

  return {
    get schema(): GraphQLSchema {
      return current.engine.schema;
    },
    get supergraphSdl(): string {
      return current.engine.supergraphSdl;
    },
    async execute(request: GraphRequest): Promise<ExecutionResult> {
      const mine = current;
      mine.running += 1;
      try {
        return await mine.engine.execute(request);
      } finally {
        leave(mine);
      }
    },
    async subscribe(request: GraphRequest) {
      const mine = current;
      mine.running += 1;
      const result = await mine.engine.subscribe(request);
      if (!(Symbol.asyncIterator in result)) {
        leave(mine);
        return result;
      }
      return tracked(result, mine, () => leave(mine));
    },
    prepare(source: string | DocumentNode, operationName?: string): void {
      current.engine.prepare(source, operationName);
    },
    async replace(next) {
      const old = current;
      current = generation(next);
      if (old.running > 0) await drained(old, drainMs);
      await old.engine.stop();
    },
    stop: () => current.engine.stop(),
  };
}

function tracked(
  stream: AsyncIterableIterator<ExecutionResult>,
  { streams }: Generation,
  left: () => void,
): AsyncIterableIterator<ExecutionResult> {
  let isOver = false;
  let interrupt: (reason: EngineReplaced) => void = () => undefined;
  const interrupted = new Promise<never>((_, reject) => (interrupt = reject));
  interrupted.catch(() => undefined);
  streams.add(interrupt);
  const over = (): void => {
    if (isOver) return;
    isOver = true;
    streams.delete(interrupt);
    left();
  };
  const source: AsyncIterator<ExecutionResult> = {
    async next() {
      try {
        const step = await Promise.race([stream.next(), interrupted]);
        if (step.done) over();
        return step;
      } catch (thrown) {
        await stream.return?.();
        over();
        throw thrown;
      }
    },
    async return() {
      over();
      await stream.return?.();
      return { done: true, value: undefined };
    },
  };
  return mapEvents(source, {
    map: (event) => Promise.resolve(event),
    lost: (thrown) => {
      throw thrown;
    },
  });
}

async function drained(old: Generation, drainMs: number): Promise<void> {
  const idle = new Promise<void>((resolve) => (old.onIdle = resolve));
  const timer = setTimeout(() => {
    for (const interrupt of [...old.streams]) interrupt(new EngineReplaced('the graph has changed'));
  }, drainMs);
  await idle;
  clearTimeout(timer);
}
