import { AsyncLocalStorage } from 'node:async_hooks';

interface TransactionContext {
  readonly database: object;
  readonly afterCommit: (() => void)[];
  readonly signals: Set<string>;
  open: boolean;
}

const current = new AsyncLocalStorage<TransactionContext | undefined>();
const listeners = new WeakMap<object, Map<string, Set<() => void>>>();

/**
 * Runs `action` when the transaction around this call has committed, never when it rolled back; at once outside a transaction.
 * For wake-ups only: the process may die between the commit and the call.
 */
export function afterCommit(action: () => void): void {
  const context = current.getStore();
  if (context?.open) context.afterCommit.push(action);
  else action();
}

/** Tells this process, when the transaction around this call has committed, that there is work on `channel`. */
export function signalAfterCommit(channel: string): void {
  const context = current.getStore();
  if (context?.open) context.signals.add(channel);
}

/** Calls `listener` after each transaction of this process on this database that signalled `channel`. Returns how to leave. */
export function onSignal(database: object, channel: string, listener: () => void): () => void {
  const channels = listeners.get(database) ?? new Map<string, Set<() => void>>();
  listeners.set(database, channels);
  const group = channels.get(channel) ?? new Set();
  channels.set(channel, group);
  group.add(listener);
  return () => void group.delete(listener);
}

/** Runs `work` as the transaction of `database` in this asynchronous context, then what waits for its commit. */
export async function inTransactionContext<Result>(database: object, work: () => Promise<Result>): Promise<Result> {
  const outer = current.getStore();
  // On one session the inner transaction would wait for the outer one, which waits for it.
  if (outer?.open && outer.database === database) throw new Error('A transaction was opened inside a transaction: pass tx down instead.');
  const context: TransactionContext = { database, afterCommit: [], signals: new Set(), open: true };
  try {
    const result = await current.run(context, work);
    context.open = false;
    current.run(undefined, () => committed(context));
    return result;
  } finally {
    context.open = false;
  }
}

function committed({ database, afterCommit: actions, signals }: TransactionContext): void {
  for (const action of actions) action();
  const channels = listeners.get(database);
  for (const channel of signals) channels?.get(channel)?.forEach((listener) => listener());
}
