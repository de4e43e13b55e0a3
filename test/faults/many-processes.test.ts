import type { ChildProcess } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { WebSocket } from 'ws';

import { overEvents, overGraph, overSocket, type StreamEvent } from '../kit/chat-readers';
import { describeWith } from '../kit/external';
import { freePort } from '../kit/free-port';
import { postgresProgram, startPostgres, type TestPostgres } from '../kit/postgres';
import { redisProgram, startRedis, type TestRedis } from '../kit/redis';
import { runServer, startServer, type Answer, type TestServer } from '../kit/server';
import { until } from '../kit/until';

const secret = 'a-secret-that-only-this-test-knows-000000';
const fresh = (): string => mkdtempSync(path.join(tmpdir(), 'parley-many-'));
/** Requests of a tenant in a minute: more than any test makes that does not mean to use them up. */
const quota = 150;
const exited = (child: ChildProcess): Promise<unknown> => new Promise((resolve) => child.once('exit', resolve));

/** The layout of docker-compose.yml in small: two gateways over PostgreSQL and Redis, and one domain in a process of its own. */
describeWith(postgresProgram(), 'two gateways and a domain on PostgreSQL', () =>
  describeWith(redisProgram(), 'and Redis', () => {
    let postgres: TestPostgres;
    let redis: TestRedis;
    let environment: Record<string, string>;
    let domain: ChildProcess;
    let domainPort: number;
    let one: TestServer;
    let other: TestServer;

    const startDomain = async (): Promise<ChildProcess> => {
      const child = runServer({
        dataDirectory: fresh(),
        environment: { ...environment, PORT: String(domainPort) },
        arguments: ['--only', 'dashboards'],
      });
      let said = '';
      child.stdout!.on('data', (chunk: Buffer) => (said += chunk.toString()));
      child.stderr!.on('data', (chunk: Buffer) => (said += chunk.toString()));
      await until(() => said.includes('is ready on port') || (child.exitCode !== null && Promise.reject(new Error(said))), {
        withinMs: 170_000,
      });
      return child;
    };

    beforeAll(async () => {
      [postgres, redis] = [await startPostgres(), await startRedis()];
      const database = await postgres.createDatabase();
      domainPort = await freePort();
      environment = {
        DATABASE_URL: postgres.url(database, 'app_login'),
        DATABASE_MIGRATION_URL: postgres.url(database, 'owner_login'),
        REDIS_URL: redis.url,
        JWT_SECRET: secret,
        CONTEXT_SECRET: secret,
        ENCRYPTION_KEY: secret,
        DEMO_DATA: 'false',
        RATE_LIMIT_FREE: String(quota),
      };
      domain = await startDomain();
      const gateway = { ...environment, SUBGRAPH_DASHBOARDS_URL: `http://127.0.0.1:${domainPort}/graphql` };
      one = await startServer({ dataDirectory: fresh(), environment: gateway });
      other = await startServer({ dataDirectory: fresh(), environment: gateway });
      // Three processes, of which a machine under load starts one in a minute.
    }, 600_000);
    afterAll(async () => {
      domain?.kill('SIGKILL');
      await Promise.all([one?.[Symbol.asyncDispose](), other?.[Symbol.asyncDispose]()]);
      await Promise.all([postgres?.stop(), redis?.stop()]);
    });

    const create = (server: TestServer, tenant: string, name: string, headers: Record<string, string> = {}) =>
      server.request('POST', '/api/v1/bi/dashboards', { token: server.token(tenant), body: { name }, headers });
    const names = async (server: TestServer, tenant: string): Promise<readonly string[]> => {
      const { body } = await server.request('GET', '/api/v1/bi/dashboards?limit=100', { token: server.token(tenant) });
      return body.data.items.map(({ name }: any) => name);
    };

    it('are one service: what is written at one is read at the other, of the same tenant only', async () => {
      expect((await create(one, 'acme', 'written at one')).status).toBe(201);
      expect(await names(other, 'acme')).toEqual(['written at one']);
      expect(await names(other, 'zenith')).toEqual([]);
    });

    it('count one quota together', async () => {
      const isLocal = ({ headers }: Answer): boolean => headers.get('ratelimit-policy')!.includes('local');
      const answers: Answer[] = [];
      const refusal = () => answers.find((answer) => answer.status === 429 && !isLocal(answer));
      const startedAt = performance.now();
      while (!refusal()) {
        const round = Array.from({ length: quota + 20 }, (_, turn) => {
          const server = turn % 2 === 0 ? one : other;
          return server.request('GET', '/api/v1/sql/sources', { token: server.token('quota') });
        });
        answers.push(...(await Promise.all(round)));
      }
      const minutes = 1 + Math.floor((performance.now() - startedAt) / 60_000);
      const passed = answers.filter((answer) => answer.status === 200 && !isLocal(answer)).length;
      expect(passed).toBeLessThanOrEqual(quota * minutes);
      // Redis may have counted a request whose process decided alone, because the answer was late; where none is, they are the quota exactly.
      expect(passed + answers.filter(isLocal).length).toBeGreaterThanOrEqual(quota);
      const refused = refusal()!;
      expect(refused.body.errors[0].code).toBe('RATE_LIMITED');
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    });

    it('stream a turn that was asked at one to a socket at the other', async () => {
      const token = one.token('stream');
      const { body } = await one.request('POST', '/api/v1/bi/chat/sessions', { token, body: {} });
      const sessionId: string = body.data.session_id;
      const types: string[] = [];
      const socket = new WebSocket(`${other.url.replace('http', 'ws')}/ws/chat/${sessionId}?access_token=${token}`);
      socket.on('message', (data) => types.push(JSON.parse(String(data)).type));
      await until(() => types.includes('connection_ready'));
      await one.request('POST', `/api/v1/bi/chat/sessions/${sessionId}/messages`, { token, body: { message: 'what can I ask?' } });
      await until(() => types.includes('stream_end'));
      socket.close();
      expect(types).toContain('text');
    });

    it('give a reader that is cut off and comes back at either, over any kind of stream, every event once and in order', async () => {
      const token = one.token('resumes');
      const { body } = await one.request('POST', '/api/v1/bi/chat/sessions', { token, body: {} });
      const sessionId: string = body.data.session_id;
      const turns = 8;
      const asking = (async () => {
        for (let turn = 0; turn < turns; turn += 1) {
          const route = `/api/v1/bi/chat/sessions/${sessionId}/messages`;
          const { status } = await [one, other][turn % 2]!.request('POST', route, { token, body: { message: 'what can I ask?' } });
          expect(status).toBe(200);
        }
      })();
      const seen: StreamEvent[] = [];
      const openers = [overSocket, overEvents, overGraph];
      const ends = (): number => seen.filter(({ type }) => type === 'stream_end').length;
      for (let cut = 0; ends() < turns; cut += 1) {
        const server = Math.random() < 0.5 ? one : other;
        const reader = openers[cut % openers.length]!({ url: server.url, token, sessionId, after: seen.at(-1)?.sequence ?? 0 });
        const wanted = 1 + Math.floor(Math.random() * 5);
        const isEnd = (): boolean => ends() + reader.events.filter(({ type }) => type === 'stream_end').length === turns;
        await until(() => reader.events.length >= wanted || isEnd() || reader.isOver(), { withinMs: 60_000 });
        reader.leave();
        seen.push(...reader.events);
      }
      await asking;
      expect(seen.map(({ sequence }) => sequence)).toEqual(seen.map((_, index) => index + 1));
    });

    it('answer what they can while the domain is down, and all of it when it is back', async () => {
      domain.kill('SIGKILL');
      await exited(domain);
      const token = one.token('partial');
      const down = await one.request('GET', '/api/v1/bi/dashboards', { token });
      expect([down.status, down.body.errors[0].code]).toEqual([503, 'SERVICE_UNAVAILABLE']);
      expect(JSON.stringify(down.body)).not.toContain('127.0.0.1');
      expect((await one.request('GET', '/api/v1/sql/sources', { token })).status).toBe(200);
      domain = await startDomain();
      await until(async () => (await one.request('GET', '/api/v1/bi/dashboards', { token: one.token('healed') })).status === 200, {
        withinMs: 170_000,
        everyMs: 1_000,
      });
    }, 600_000);

    it('lose no acknowledged write when one is killed, and replay its answers at the other by their key', async () => {
      const acknowledged = new Map<string, any>();
      const writer = async (lane: number): Promise<void> => {
        // All of them fit on one page.
        for (let turn = 0; turn < 20; turn += 1) {
          const name = `board-${lane}-${turn}`;
          const answer = await create(one, 'durable', name, { 'idempotency-key': name }).catch(() => null);
          if (!answer) return;
          if (answer.status === 201) acknowledged.set(name, answer.body.data);
        }
      };
      const lanes = [0, 1, 2, 3].map(writer);
      await until(() => acknowledged.size > 20);
      await one.stop('SIGKILL');
      await Promise.all(lanes);
      const kept = await names(other, 'durable');
      expect([...acknowledged.keys()].filter((name) => !kept.includes(name))).toEqual([]);
      const [name, first] = [...acknowledged].at(-1)!;
      const again = await create(other, 'durable', name, { 'idempotency-key': name });
      expect(again.body.data).toEqual(first);
      expect((await names(other, 'durable')).filter((each) => each === name)).toHaveLength(1);
    });

    it('serve on without Redis, by a quota of their own, and with it again when it is back', async () => {
      await redis.kill();
      const token = other.token('no-redis');
      const answer = await other.request('GET', '/api/v1/sql/sources', { token });
      expect(answer.status).toBe(200);
      expect(answer.headers.get('ratelimit-policy')).toContain('local');
      expect((await create(other, 'no-redis', 'without Redis', { 'idempotency-key': 'k' })).status).toBe(201);
      await redis.start();
      await until(
        async () => {
          const { headers } = await other.request('GET', '/api/v1/sql/sources', { token });
          return !headers.get('ratelimit-policy')!.includes('local');
        },
        { withinMs: 60_000, everyMs: 1_000 },
      );
    });

    it('say SERVICE_UNAVAILABLE soon while PostgreSQL does not answer, stay alive, and go on when it does', async () => {
      const token = other.token('no-database');
      expect((await other.request('GET', '/api/v1/sql/sources', { token })).status).toBe(200);
      postgres.signal('SIGSTOP');
      try {
        const answer = await other.request('GET', '/api/v1/sql/sources', { token });
        expect([answer.status, answer.body.errors[0].code]).toEqual([503, 'SERVICE_UNAVAILABLE']);
        expect((await other.request('GET', '/health/live')).status).toBe(200);
        await until(async () => (await other.request('GET', '/health/ready')).status === 503, { withinMs: 60_000, everyMs: 200 });
      } finally {
        postgres.signal('SIGCONT');
      }
      await until(async () => (await other.request('GET', '/api/v1/sql/sources', { token })).status === 200, {
        withinMs: 60_000,
        everyMs: 1_000,
      });
    });

    it('close their sockets with 1001 on SIGTERM and exit 0', async () => {
      const token = other.token('leaving');
      const { body } = await other.request('POST', '/api/v1/bi/chat/sessions', { token, body: {} });
      const socket = new WebSocket(`${other.url.replace('http', 'ws')}/ws/chat/${body.data.session_id}?access_token=${token}`);
      const closed = new Promise<number>((resolve) => socket.once('close', resolve));
      await new Promise((resolve) => socket.once('message', resolve));
      expect(await other.stop('SIGTERM')).toBe(0);
      expect(await closed).toBe(1001);
    });
  }),
);
