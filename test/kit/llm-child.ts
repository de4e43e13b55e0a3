// Run as a child process by the tests of the model router: one process of several on one PostgreSQL and one Redis. It asks when its
// parent says so by SIGUSR2, so that all ask at one moment however long each took to start, and tells how its calls ended.
import 'reflect-metadata';

import { once } from 'node:events';

import { openDatabase } from '#platform/db';
import { findAppError } from '#platform/errors';
import { createBudgetStore, createRedisRateLimiter } from '#platform/limits';
import { createMetrics, silentLogger } from '#platform/telemetry';

import { createLlmSubgraph } from '../../subgraphs/llm';

interface Task {
  readonly url: string;
  readonly redisUrl: string;
  readonly tenantId: string;
  readonly calls: number;
  /** The day of the budgets. */
  readonly today: string;
}

async function main({ url, redisUrl, tenantId, calls, today }: Task): Promise<void> {
  const db = await openDatabase({ url });
  // The time that Redis is given is generous: what happens when it is away is another test's.
  const rates = createRedisRateLimiter({ url: redisUrl, commandTimeoutMs: 10_000 });
  const llm = createLlmSubgraph({
    db,
    budgets: createBudgetStore({ db }),
    rates,
    analyst: null,
    embedder: null,
    encryptionKey: 'a-test-key-that-is-long-enough-000000',
    allowPrivateHosts: true,
    logger: silentLogger,
    metrics: createMetrics(),
    now: () => new Date(today),
  });
  const model = await llm.router.languageModel({ tenantId, userId: `user-${process.pid}`, roles: ['admin'], tier: 'enterprise' });
  const told = once(process, 'SIGUSR2');
  // Waiting for a signal keeps no process alive.
  const alive = setInterval(() => undefined, 60_000);
  process.stdout.write('ready\n');
  await told;
  clearInterval(alive);
  const settled = await Promise.allSettled(
    Array.from({ length: calls }, (_, index) =>
      model!.doGenerate({ prompt: [{ role: 'user', content: [{ type: 'text', text: `${process.pid} ${index}` }] }], maxOutputTokens: 10 }),
    ),
  );
  const outcomes: Record<string, number> = {};
  for (const each of settled) {
    const name = each.status === 'fulfilled' ? 'answered' : (findAppError(each.reason)?.code ?? 'other');
    outcomes[name] = (outcomes[name] ?? 0) + 1;
  }
  await llm.close();
  await rates.close();
  await db.close();
  process.stdout.write(`outcomes ${JSON.stringify(outcomes)}\n`);
}

void main(JSON.parse(process.argv[2]!) as Task);
