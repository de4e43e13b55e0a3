import { AsyncLocalStorage } from 'node:async_hooks';

interface TransactionContext {
  readonly database: object;
  readonly afterCommit: (() => void)[];
  open: boolean;
}

const current = new AsyncLocalStorage<TransactionContext | undefined>();

/**
 * Runs `action` when the transaction around this call has committed, never when it rolled back; at once outside a transaction.
 * For wake-ups only: the process may die between the commit and the call.
 */
export function afterCommit(action: () => void): void {
  const context = current.getStore();
  if (context?.open) context.afterCommit.push(action);
  else action();
}

/** Runs `work` as the transaction of `database` in this asynchronous context, then the actions that wait for its commit. */
export async function inTransactionContext<Result>(database: object, work: () => Promise<Result>): Promise<Result> {
  const outer = current.getStore();
  // On one session the inner transaction would wait for the outer one, which waits for it.
  if (outer?.open && outer.database === database) throw new Error('A transaction was opened inside a transaction: pass tx down instead.');
  const context: TransactionContext = { database, afterCommit: [], open: true };
  try {
    return await current.run(context, work).then((result) => {
      context.open = false;
      current.run(undefined, () => context.afterCommit.forEach((action) => action()));
      return result;
    });
  } finally {
    context.open = false;
  }
}
