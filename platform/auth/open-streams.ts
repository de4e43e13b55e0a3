import type { Caller } from './caller';

/** Event streams that are being written, each with how to end it. */
export interface OpenStreams {
  /** Returns how to be forgotten. */
  enter(caller: Caller, end: () => void): () => void;
  closeWhere(isMeant: (caller: Caller) => boolean): void;
}

export function createOpenStreams(): OpenStreams {
  const streams = new Set<{ readonly caller: Caller; readonly end: () => void }>();
  return {
    enter(caller, end) {
      const stream = { caller, end };
      streams.add(stream);
      return () => void streams.delete(stream);
    },
    closeWhere(isMeant) {
      for (const { caller, end } of [...streams]) if (isMeant(caller)) end();
    },
  };
}
