// Run as a child process by the tests of the model router: one process of several on one PostgreSQL and one Redis. It asks when its
// parent says so, and tells how its calls ended.
import 'reflect-metadata';

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
  /** When to begin, in milliseconds since 1970: the processes ask at one moment. */
  readonly at: number;
}

async function main({ url, redisUrl, tenantId, calls, at }: Task): Promise<void> {
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
  });
  const model = await llm.router.languageModel({ tenantId, userId: `user-${process.pid}`, roles: ['admin'], tier: 'enterprise' });
  await new Promise((resolve) => setTimeout(resolve, at - Date.now()));
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
