import { appendFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { z } from 'zod';

import type { Caller } from '#platform/auth';
import { migrate, openDatabase } from '#platform/db';
import { createMemoryEventLog, startOutboxRelay } from '#platform/events';
import { createJobQueue } from '#platform/jobs';
import { silentLogger } from '#platform/telemetry';

import { agentsMigrations, createAgentsSubgraph, defineTool } from '../../subgraphs/agents';
import { chatMigrations, createChatSubgraph } from '../../subgraphs/chat';

import { ShopAnalyst, shopData } from './shop-analyst';

/** Whose conversations these are. */
export const crashCaller: Caller = { tenantId: 'crash', userId: 'user', roles: ['admin'], tier: 'enterprise' };

/**
 * A process to be killed: opens the database in `directory`, begins as many runs and turns as it is told, and prints a line for each
 * that was acknowledged. Its only effect outside is a line in `effects.txt`, written under the key of the call.
 */
async function main(
  directory: string,
  modelUrl: string,
  { count, concurrency }: { readonly count: number; readonly concurrency: number },
): Promise<void> {
  const db = await openDatabase({ dataDirectory: path.join(directory, 'db') });
  await migrate(db, [chatMigrations, agentsMigrations]);
  const log = createMemoryEventLog();
  startOutboxRelay({ db, log });
  // As the product does on an embedded database: what was left by the dead is taken over at the start, and a lease outlives every stall
  // of this process, so that a call is interrupted by a kill and by nothing else.
  const jobs = createJobQueue({ db, pollMs: 200, isAlone: true });
  const analyst = await ShopAnalyst.open();
  const mark = defineTool({
    name: 'mark',
    description: 'Leaves a mark.',
    schema: z.object({ n: z.number() }),
    effect: 'external',
    needsApproval: false,
    async run(_, { idempotencyKey }) {
      await pause(Math.random() * 10);
      appendFileSync(path.join(directory, 'effects.txt'), `${idempotencyKey}\n`);
      await pause(Math.random() * 10);
      return { output: { marked: true }, summary: 'marked' };
    },
  });
  const agents = createAgentsSubgraph({
    db,
    log,
    jobs,
    logger: silentLogger,
    data: shopData(analyst),
    extraTools: [mark],
    leaseMs: 120_000,
    concurrency,
    models: () => createOpenAICompatible({ name: 'fake', baseURL: modelUrl })('fake'),
  });
  const chat = createChatSubgraph({ db, log, logger: silentLogger, analyst, timings: { leaseMs: 1_000, renewEveryMs: 250 } });
  await jobs.start();
  console.log('ready');

  const own = await agents.services.agents.create(crashCaller, { name: 'marker', config: { tools: ['mark'] } });
  for (let i = 0; i < count; i += 1) {
    const run = await agents.services.runs.start(crashCaller, { message: 'mark', sessionId: 's', agentId: own.id });
    console.log(`run ${run.id}`);
    const session = await chat.services.sessions.create(crashCaller, {});
    const turn = await chat.services.turns.start(crashCaller, {
      sessionId: session.id,
      request: { kind: 'message', text: 'revenue by month' },
      requestId: null,
    });
    console.log(`turn ${session.id} ${turn.messageId}`);
    await pause(Math.random() * 40);
  }
  console.log('begun');
  for (;;) {
    await chat.services.housekeeping.round();
    await pause(200);
    const page = { limit: 100, offset: 0, after: null };
    const runs = await agents.services.runs.list(crashCaller, { sessionId: null, status: null, page });
    const sessions = (await chat.services.sessions.list(crashCaller, { status: null, page })).items;
    const isOver =
      runs.every(({ status }) => ['completed', 'failed', 'cancelled'].includes(status)) && sessions.every(({ isBusy }) => !isBusy);
    if (!isOver) continue;
    const messages = await Promise.all(
      sessions.map(async ({ id }) => (await chat.services.history.list(crashCaller, { sessionId: id, role: null, page })).items),
    );
    console.log(
      `state ${JSON.stringify({ runs: runs.map(({ id, status, error, toolResults }) => ({ id, status, code: error?.code ?? null, results: toolResults.map((result) => result.status) })), messages: messages.flat().map(({ id, sessionId, role, status, error }) => ({ id, sessionId, role, status, retryable: error?.retryable ?? null })) })}`,
    );
    return;
  }
}

const [directory, modelUrl, count, concurrency] = process.argv.slice(2);
main(directory!, modelUrl!, { count: Number(count), concurrency: Number(concurrency) }).catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
