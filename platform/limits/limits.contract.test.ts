import { describeWith } from '../../test/kit/external';
import { redisProgram, startRedis, type TestRedis } from '../../test/kit/redis';
import { until } from '../../test/kit/until';

import {
  createMemoryRateLimiter,
  createMemorySocketCounter,
  createRedisRateLimiter,
  createRedisSocketCounter,
  type RateLimiter,
  type SocketCounter,
} from '#platform/limits';

/** A busy machine is not to be taken for a silent Redis. */
const patient = { commandTimeoutMs: 10_000 };
const minute = { limit: 60, windowMs: 60_000 };
const nowSeconds = (): number => Date.now() / 1000;
let keys = 0;
const newKey = (): string => `tenant-${process.pid}-${(keys += 1)}`;

function rateContract(open: () => RateLimiter): void {
  let limiter: RateLimiter;
  beforeAll(() => {
    limiter = open();
  });
  afterAll(() => limiter.close());

  it('allows exactly the quota of many at once, and says when the next may come', async () => {
    const key = newKey();
    const began = performance.now();
    const decisions = await Promise.all(Array.from({ length: 70 }, () => limiter.take(key, minute)));
    const passedSeconds = (performance.now() - began) / 1_000;
    expect(decisions.filter(({ allowed }) => allowed)).toHaveLength(60);
    const refused = decisions.filter(({ allowed }) => !allowed);
    for (const decision of refused) {
      expect(decision).toMatchObject({ limit: 60, remaining: 0, local: false });
      expect(decision.retryAfterSeconds).toBeGreaterThanOrEqual(Math.floor(60 - passedSeconds));
      expect(decision.retryAfterSeconds).toBeLessThanOrEqual(60);
      expect(decision.resetAt).toBeLessThanOrEqual(Math.ceil(nowSeconds() + decision.retryAfterSeconds) + 1);
    }
  });

  it('counts down what remains', async () => {
    const key = newKey();
    const remaining: number[] = [];
    for (let n = 0; n < 4; n += 1) remaining.push((await limiter.take(key, { limit: 3, windowMs: 60_000 })).remaining);
    expect(remaining).toEqual([2, 1, 0, 0]);
    const look = await limiter.take(newKey(), { limit: 3, windowMs: 60_000 }, 0);
    expect(look).toMatchObject({ allowed: true, remaining: 3, retryAfterSeconds: 0 });
  });

  it('counts a cost, whole or not at all', async () => {
    const key = newKey();
    const rule = { limit: 10, windowMs: 60_000 };
    expect(await limiter.take(key, rule, 7)).toMatchObject({ allowed: true, remaining: 3 });
    expect(await limiter.take(key, rule, 4)).toMatchObject({ allowed: false, remaining: 3 });
    expect(await limiter.take(key, rule, 3)).toMatchObject({ allowed: true, remaining: 0 });
  });

  it('frees places one by one as they leave the window, never a burst at its edge', async () => {
    const key = newKey();
    const rule = { limit: 2, windowMs: 400 };
    // In any 400 ms at most two, wherever the window is put.
    const allowed: { askedAt: number; toldAt: number }[] = [];
    await until(
      async () => {
        const askedAt = performance.now();
        if ((await limiter.take(key, rule)).allowed) allowed.push({ askedAt, toldAt: performance.now() });
        return allowed.length >= 5;
      },
      { everyMs: 1 },
    );
    // The limiter decided in between, and the clock of Redis may be a little off this one.
    allowed.slice(2).forEach(({ toldAt }, index) => expect(toldAt - allowed[index]!.askedAt).toBeGreaterThan(390));
  });

  it('lets one noisy tenant starve nobody', async () => {
    const [noisy, quiet] = [newKey(), newKey()];
    await Promise.all(Array.from({ length: 200 }, () => limiter.take(noisy, minute)));
    expect(await limiter.take(quiet, minute)).toMatchObject({ allowed: true, remaining: 59 });
  });
}

function socketContract(open: () => SocketCounter): void {
  let counter: SocketCounter;
  beforeAll(() => {
    counter = open();
  });
  afterAll(() => counter.close());

  it('opens up to the cap, and again after one has closed', async () => {
    const tenant = newKey();
    const places = await Promise.all(Array.from({ length: 8 }, () => counter.acquire(tenant, 5)));
    const open = places.filter((release) => release !== null);
    expect(open).toHaveLength(5);
    expect(await counter.count(tenant)).toBe(5);
    await open[0]!();
    await open[0]!();
    expect(await counter.count(tenant)).toBe(4);
    expect(await counter.acquire(tenant, 5)).not.toBeNull();
    expect(await counter.acquire(tenant, 5)).toBeNull();
    expect(await counter.acquire(newKey(), 5)).not.toBeNull();
  });
}

describe('the rate limiter in memory', () => {
  rateContract(() => createMemoryRateLimiter());

  it('is exact at the edges of its window', async () => {
    let now = 1_000_000;
    const limiter = createMemoryRateLimiter({ now: () => now });
    const rule = { limit: 2, windowMs: 60_000 };
    await limiter.take('a', rule);
    now += 30_000;
    await limiter.take('a', rule);
    now += 29_999;
    expect(await limiter.take('a', rule)).toMatchObject({ allowed: false, retryAfterSeconds: 1, resetAt: 1_060 });
    now += 1;
    expect(await limiter.take('a', rule)).toMatchObject({ allowed: true, remaining: 0, resetAt: 1_120 });
    expect(await limiter.take('a', rule)).toMatchObject({ allowed: false, retryAfterSeconds: 30, resetAt: 1_090 });
    await limiter.close();
  });
});

describe('the socket counter in memory', () => socketContract(() => createMemorySocketCounter()));

describeWith(redisProgram(), 'limits on Redis', () => {
  let redis: TestRedis;
  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(() => redis.stop());

  describe('the rate limiter, as in memory', () => rateContract(() => createRedisRateLimiter({ url: redis.url, ...patient })));
  describe('the socket counter, as in memory', () => socketContract(() => createRedisSocketCounter({ url: redis.url, ...patient })));

  it('allows exactly the quota over two processes', async () => {
    const limiters = [1, 2].map(() => createRedisRateLimiter({ url: redis.url, ...patient }));
    for (const limit of [60, 300, 1_000]) {
      const key = newKey();
      const decisions = await Promise.all(
        Array.from({ length: limit + 20 }, (_, n) => limiters[n % 2]!.take(key, { limit, windowMs: 60_000 })),
      );
      expect(decisions.filter(({ local }) => local)).toHaveLength(0);
      expect(decisions.filter(({ allowed }) => allowed)).toHaveLength(limit);
    }
    await Promise.all(limiters.map((limiter) => limiter.close()));
  });

  it('counts sockets over two processes', async () => {
    const [first, second] = [1, 2].map(() => createRedisSocketCounter({ url: redis.url, ...patient })) as [SocketCounter, SocketCounter];
    const tenant = newKey();
    await first.acquire(tenant, 2);
    const place = await second.acquire(tenant, 2);
    expect(await second.acquire(tenant, 2)).toBeNull();
    await place!();
    expect(await first.acquire(tenant, 2)).not.toBeNull();
    expect(await second.count(tenant)).toBe(2);
    await Promise.all([first.close(), second.close()]);
  });

  it('counts sockets for as long as their process says so, and gives back those of one that died', async () => {
    const [first, second] = [1, 2].map(() => createRedisSocketCounter({ url: redis.url, heartbeatMs: 100, ...patient })) as [
      SocketCounter,
      SocketCounter,
    ];
    const tenant = newKey();
    await first.acquire(tenant, 2);
    await first.acquire(tenant, 2);
    const began = performance.now();
    // Three lives later.
    await until(() => performance.now() - began > 3 * 300);
    // Where this machine stood still for longer than a life, the next heartbeat counts them again.
    await until(async () => (await second.count(tenant)) === 2);
    // A dead process says nothing any more.
    clearInterval((first as unknown as { heartbeat: NodeJS.Timeout }).heartbeat);
    await until(async () => (await second.count(tenant)) === 0);
    await Promise.all([first.close(), second.close()]);
  });

  it.each(['killed', 'silent'] as const)(
    'decides alone and more strictly while Redis is %s, and shares again afterwards',
    async (fault) => {
      const server = await startRedis();
      const limiter = createRedisRateLimiter({ url: server.url });
      const sockets = createRedisSocketCounter({ url: server.url, heartbeatMs: 200 });
      const others = createRedisSocketCounter({ url: server.url, ...patient });
      try {
        const key = newKey();
        await until(async () => !(await limiter.take(newKey(), minute)).local);
        await sockets.acquire(key, 5);
        await until(async () => (await others.count(key)) === 1);
        if (fault === 'killed') await server.kill();
        else server.signal('SIGSTOP');

        const decisions = await Promise.all(Array.from({ length: 60 }, () => limiter.take(key, minute)));
        expect(decisions.every(({ local }) => local)).toBe(true);
        expect(decisions.filter(({ allowed }) => allowed)).toHaveLength(30);
        expect(decisions[0]!.limit).toBe(30);
        const places = await Promise.all(Array.from({ length: 6 }, () => sockets.acquire(key, 5)));
        expect(places.filter((release) => release !== null)).toHaveLength(4);
        expect(await sockets.count(key)).toBe(5);

        if (fault === 'killed') await server.start();
        else server.signal('SIGCONT');
        await until(async () => !(await limiter.take(newKey(), minute)).local);
        await until(async () => (await others.count(key)) === 5);
      } finally {
        server.signal('SIGCONT');
        await Promise.all([limiter.close(), sockets.close(), others.close()]);
        await server.stop();
      }
    },
  );
});
