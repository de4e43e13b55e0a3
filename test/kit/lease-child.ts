// Run as a child process by the tests of the model router: one process of several that spend one budget. `drain` spends until it is
// refused; `hold` spends for a while, then is killed with a lease out.
import { openDatabase } from '#platform/db';
import { createBudgetStore, type BudgetKey } from '#platform/limits';

import { BudgetLeases } from '../../subgraphs/llm/service/budget/leases';

interface Task {
  readonly url: string;
  readonly key: BudgetKey;
  readonly limit: number;
  readonly mode: 'drain' | 'hold';
  /** What a call holds, and what it then spends. */
  readonly most: number;
  readonly spends: number;
}

async function main({ url, key, limit, mode, most, spends }: Task): Promise<void> {
  // Patient: a machine under load is not what is asked about.
  const db = await openDatabase({ url, acquireTimeoutMs: 60_000, statementTimeoutMs: 60_000 });
  const leases = new BudgetLeases(createBudgetStore({ db }));
  const budget = { name: 'daily_tokens', unit: 'tokens', key, limit, resetsAt: new Date() } as const;
  const booked: Promise<void>[] = [];
  /** Eight calls side by side, as callers are. */
  const worker = async (calls: number): Promise<void> => {
    for (let call = 0; call < calls; call += 1) {
      const share = await leases.reserve(budget, most);
      if (share === null) return;
      await new Promise((resolve) => setImmediate(resolve));
      booked.push(share.settle(spends));
    }
  };
  await Promise.all(Array.from({ length: 8 }, () => worker(mode === 'hold' ? 10 : Infinity)));
  if (mode === 'hold') {
    await Promise.all(booked);
    // Killed in the same turn: a lease that nobody draws on is given back after a while.
    await leases.reserve(budget, most);
    process.stdout.write(`spent ${booked.length * spends}\n`);
    return void process.kill(process.pid, 'SIGKILL');
  }
  await leases.settled();
  await Promise.all(booked);
  await leases.settled();
  await db.close();
  process.stdout.write(`spent ${booked.length * spends}\n`);
}

void main(JSON.parse(process.argv[2]!) as Task);
