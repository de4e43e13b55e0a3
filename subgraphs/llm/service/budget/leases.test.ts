import { createBudgetStore, type BudgetStore } from '#platform/limits';

import { testDatabase } from '../../../../test/kit/database';
import { until } from '../../../../test/kit/until';
import { BudgetLeases } from './leases';
import type { BudgetLimit } from './limits';

type Steps = Record<'reserve' | 'book' | 'settle', number>;

/** Leases over a real store that counts its steps, and fails where it is told to. */
async function leasesOver() {
  const db = await testDatabase([]);
  const real = createBudgetStore({ db });
  const steps: Steps = { reserve: 0, book: 0, settle: 0 };
  /** `arrives`: when what is booked reaches the store. */
  const fault = { isAway: false, arrives: Promise.resolve() };
  const counted = <Name extends keyof Steps>(name: Name): BudgetStore[Name] =>
    (async (...given: Parameters<BudgetStore['book']>) => {
      steps[name] += 1;
      if (name === 'book') await fault.arrives;
      if (fault.isAway) throw new Error('away');
      return (real[name] as BudgetStore['book'])(...given);
    }) as unknown as BudgetStore[Name];
  const budgets = { ...real, reserve: counted('reserve'), book: counted('book'), settle: counted('settle') };
  const limitOf = (limit: number): BudgetLimit => ({
    name: 'daily_tokens',
    unit: 'tokens',
    key: { tenantId: 'acme', name: 'llm_tokens', period: String(limit) },
    limit,
    resetsAt: new Date(),
  });
  return { leases: new BudgetLeases(budgets), real, steps, fault, limitOf, [Symbol.asyncDispose]: () => db.close() };
}

it('serves many calls in few steps of the database where the limit is far', async () => {
  await using made = await leasesOver();
  const limit = made.limitOf(1_000_000);
  for (let call = 0; call < 500; call += 1) void (await made.leases.reserve(limit, 100))!.settle(10);
  await made.leases.settled();
  await made.leases.settled();
  expect(await made.real.use(limit.key)).toEqual({ spent: 5_000, reserved: 0 });
  expect(made.steps.reserve).toBeLessThan(50);
});

it('spends a limit to its last unit, and not one more', async () => {
  await using made = await leasesOver();
  const limit = made.limitOf(400);
  let calls = 0;
  for (; ; calls += 1) {
    const share = await made.leases.reserve(limit, 4);
    if (!share) break;
    void share.settle(4);
  }
  expect(calls).toBe(100);
  await made.leases.settled();
  await made.leases.settled();
  expect(await made.real.use(limit.key)).toEqual({ spent: 400, reserved: 0 });
});

it('refuses nothing for which a booking that is under way makes room', async () => {
  await using made = await leasesOver();
  const limit = made.limitOf(100);
  let arrive = (): void => undefined;
  made.fault.arrives = new Promise((resolve) => (arrive = resolve));
  void (await made.leases.reserve(limit, 60))!.settle(10);
  await until(() => made.steps.book === 1);
  const next = made.leases.reserve(limit, 60);
  await until(() => made.steps.reserve === 2);
  arrive();
  expect(await next).not.toBeNull();
});

it('keeps what calls in progress hold when the rest of a lease is given back', async () => {
  await using made = await leasesOver();
  const limit = made.limitOf(1_000_000);
  const share = (await made.leases.reserve(limit, 100))!;
  void (await made.leases.reserve(limit, 100))!.settle(30);
  await made.leases.settled();
  const { spent, reserved } = await made.real.use(limit.key);
  expect(spent).toBe(30);
  expect(reserved).toBeGreaterThanOrEqual(100);
  void share.settle(100);
  await made.leases.settled();
  await made.leases.settled();
  expect(await made.real.use(limit.key)).toEqual({ spent: 130, reserved: 0 });
});

it('tells again what the database did not take, and counts it once', async () => {
  await using made = await leasesOver();
  const limit = made.limitOf(1_000_000);
  const share = (await made.leases.reserve(limit, 100))!;
  made.fault.isAway = true;
  await expect(share.settle(70)).rejects.toThrow('away');
  expect((await made.real.use(limit.key)).spent).toBe(0);
  made.fault.isAway = false;
  await until(async () => (await made.real.use(limit.key)).reserved === 0);
  expect(await made.real.use(limit.key)).toEqual({ spent: 70, reserved: 0 });
});
