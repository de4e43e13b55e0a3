import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

import { migrate, openDatabase, platformMigrations } from '#platform/db';
import { createMemoryEventLog } from '#platform/events';
import { silentLogger } from '#platform/telemetry';

import { chatMigrations, createChatSubgraph } from '../../subgraphs/chat';

import { ShopAnalyst } from './shop-analyst';
import { doorToken, openDoor } from './socket-door';
import type { Memory, ServerReply, ServerRequest } from './socket-protocol';
import { clockMs, socketCaller } from './socket-protocol';

const memoryNow = async (): Promise<Memory> => {
  // Twice, with a turn between: what finalizers let go of goes with the second.
  for (let time = 0; time < 2; time += 1) {
    (globalThis as { gc?: () => void }).gc?.();
    await pause(20);
  }
  const { heapUsed, external, rss } = process.memoryUsage();
  return { heap: heapUsed / 2 ** 20, buffers: external / 2 ** 20, rss: rss / 2 ** 20 };
};

/** The serving side of the measurement: the chat domain behind its real door. Does what its parent says, ends with it. */
async function main(): Promise<void> {
  const directory = mkdtempSync(path.join(tmpdir(), 'parley-sockets-'));
  process.on('exit', () => rmSync(directory, { recursive: true, force: true }));
  process.on('disconnect', () => process.exit());
  const db = await openDatabase({ dataDirectory: path.join(directory, 'db') });
  await migrate(db, [platformMigrations, chatMigrations]);
  const log = createMemoryEventLog();
  const chat = createChatSubgraph({ db, log, logger: silentLogger, analyst: await ShopAnalyst.open() });
  const door = await openDoor({ name: 'chat', schema: chat.schema, db });
  const { tenantId } = socketCaller;

  const publish = async ({ sessions, seconds, eventsPerSecond, largeBytes }: Extract<ServerRequest, { do: 'publish' }>) => {
    const published = sessions.map(() => 0);
    const [large, small] = ['x'.repeat(largeBytes), 'x'.repeat(400)];
    const startedAt = performance.now();
    let done = 0;
    for (let tick = 1; tick <= seconds * 50; tick += 1) {
      for (const due = Math.floor((tick * eventsPerSecond) / 50); done < due; done += 1) {
        // The first session gets every fourth event, and large ones, so that a reader of it that has stalled overflows.
        const place = done % 4 === 0 ? 0 : done % sessions.length;
        const data = { content: place === 0 ? large : small, at: clockMs() };
        await log.append({ tenantId, name: `chat:${sessions[place]!}` }, [
          { type: 'text', data: { runId: 'run-1', messageId: 'msg-1', requestId: null, data } },
        ]);
        published[place]! += 1;
      }
      await pause(Math.max(0, startedAt + tick * 20 - performance.now()));
    }
    return published;
  };

  const reply = (message: ServerReply): void => void process.send!(message);
  const answer = async (request: ServerRequest): Promise<ServerReply> => {
    if (request.do === 'publish') return { published: await publish(request) };
    if (request.do === 'sessions') {
      const ids: string[] = [];
      for (let i = 0; i < request.count; i += 1) ids.push((await chat.services.sessions.create(socketCaller, {})).id);
      return { sessions: ids };
    }
    if (request.do === 'sockets') return { sockets: await door.countSockets(tenantId) };
    return { memory: await memoryNow() };
  };
  process.on('message', (request: ServerRequest) => void answer(request).then(reply));
  reply({ url: door.url, token: doorToken(socketCaller) });
}

void main();
