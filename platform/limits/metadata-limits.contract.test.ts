import { sql } from 'kysely';

import { describeOnBothDatabases } from '../../test/kit/both-databases';

import type { Database } from '#platform/db';
import { createBudgetStore, createIdempotencyStore } from '#platform/limits';

let names = 0;
const newName = (prefix: string): string => `${prefix}-${(names += 1)}`;

describeOnBothDatabases('limits', (world) => {
  let db: Database & AsyncDisposable;
  beforeAll(async () => {
    db = await world.open();
  });
  afterAll(() => db?.close());

  describe('idempotency keys', () => {
    it('let one of fifty rivals run, and replay its answer to all afterwards, byte for byte', async () => {
      const store = createIdempotencyStore({ db });
      const [tenant, key] = [newName('tenant'), newName('key')];
      const claims = await Promise.all(Array.from({ length: 50 }, () => store.claim(tenant, key, 'hash')));
      const winners = claims.flatMap((claim) => (claim.outcome === 'claimed' ? [claim] : []));
      expect(winners).toHaveLength(1);
      expect(claims.filter(({ outcome }) => outcome === 'conflict')).toHaveLength(49);
      const body = { zebra: 1, apple: [1.5, null, 'ü'], nested: { b: 1, a: 2 } };
      await store.publish(tenant, key, winners[0]!.token, { status: 201, body });
      const replays = await Promise.all(Array.from({ length: 10 }, () => store.claim(tenant, key, 'hash')));
      for (const replay of replays) {
        if (replay.outcome !== 'replay') throw new Error(replay.outcome);
        expect(replay.answer.status).toBe(201);
        expect(JSON.stringify(replay.answer.body)).toBe(JSON.stringify(body));
      }
    });

    it('tell another request with the same key apart, running or finished', async () => {
      const store = createIdempotencyStore({ db });
      const [tenant, key] = [newName('tenant'), newName('key')];
      const claim = await store.claim(tenant, key, 'one');
      expect(await store.claim(tenant, key, 'two')).toEqual({ outcome: 'reused' });
      if (claim.outcome !== 'claimed') throw new Error(claim.outcome);
      await store.publish(tenant, key, claim.token, { status: 200, body: null });
      expect(await store.claim(tenant, key, 'two')).toEqual({ outcome: 'reused' });
      expect(await store.claim(tenant, key, 'one')).toEqual({ outcome: 'replay', answer: { status: 200, body: null } });
    });

    it('are independent per tenant', async () => {
      const store = createIdempotencyStore({ db });
      const key = newName('key');
      expect((await store.claim(newName('tenant'), key, 'one')).outcome).toBe('claimed');
      expect((await store.claim(newName('tenant'), key, 'two')).outcome).toBe('claimed');
    });

    it('are unused after a release, which only the claim itself can make', async () => {
      const store = createIdempotencyStore({ db });
      const [tenant, key] = [newName('tenant'), newName('key')];
      const claim = await store.claim(tenant, key, 'one');
      if (claim.outcome !== 'claimed') throw new Error(claim.outcome);
      await store.release(tenant, key, 'another token');
      await store.publish(tenant, key, 'another token', { status: 500, body: 'wrong' });
      expect((await store.claim(tenant, key, 'one')).outcome).toBe('conflict');
      await store.release(tenant, key, claim.token);
      expect((await store.claim(tenant, key, 'two')).outcome).toBe('claimed');
    });

    it('can be claimed again when the process that ran died, but by the same request only', async () => {
      const store = createIdempotencyStore({ db, claimMs: 0 });
      const [tenant, key] = [newName('tenant'), newName('key')];
      const dead = await store.claim(tenant, key, 'one');
      expect((await store.claim(tenant, key, 'two')).outcome).toBe('reused');
      const second = await store.claim(tenant, key, 'one');
      if (dead.outcome !== 'claimed' || second.outcome !== 'claimed') throw new Error('not claimed');
      await store.publish(tenant, key, dead.token, { status: 200, body: 'too late' });
      await store.publish(tenant, key, second.token, { status: 200, body: 'second' });
      expect(await store.claim(tenant, key, 'one')).toEqual({ outcome: 'replay', answer: { status: 200, body: 'second' } });
    });

    it('are forgotten when their time is over', async () => {
      const tenant = newName('tenant');
      const store = createIdempotencyStore({ db, keepMs: 0 });
      const claim = await store.claim(tenant, 'k', 'one');
      if (claim.outcome !== 'claimed') throw new Error(claim.outcome);
      await store.publish(tenant, 'k', claim.token, { status: 200, body: 1 });
      expect((await store.claim(tenant, 'k', 'two')).outcome).toBe('claimed');
      await store.removeExpired();
      const left = await db.inTenant(tenant, (tx) => sql`select 1 from idempotency_keys`.execute(tx));
      expect(left.rows).toEqual([]);
    });
  });

  describe('budgets', () => {
    it('are never passed by rivals together', async () => {
      const budgets = createBudgetStore({ db });
      const key = { tenantId: newName('tenant'), name: 'llm', period: '2025-06' };
      const reserved = await Promise.all(Array.from({ length: 40 }, () => budgets.reserve(key, 0.1, 2.5)));
      const granted = reserved.filter((id) => id !== null);
      expect(granted).toHaveLength(25);
      expect(await budgets.use(key)).toEqual({ spent: 0, reserved: 2.5 });
      await Promise.all(granted.map((id, n) => (n < 5 ? budgets.release(key, id) : budgets.settle(key, id, 0.05))));
      expect(await budgets.use(key)).toEqual({ spent: 1, reserved: 0 });
      expect(await budgets.reserve(key, 1.5, 2.5)).not.toBeNull();
      expect(await budgets.reserve(key, 0.000_000_1, 2.5)).toBeNull();
    });

    it('end a reservation once, whatever is told twice', async () => {
      const budgets = createBudgetStore({ db });
      const key = { tenantId: newName('tenant'), name: 'llm', period: 'p' };
      const id = (await budgets.reserve(key, 1, 10))!;
      await budgets.release(key, id);
      await budgets.release(key, id);
      expect(await budgets.use(key)).toEqual({ spent: 0, reserved: 0 });
    });

    it('book part of a reservation that goes on, and hold what is kept of it', async () => {
      const budgets = createBudgetStore({ db });
      const key = { tenantId: newName('tenant'), name: 'llm', period: 'p' };
      const id = (await budgets.reserve(key, 8, 10))!;
      expect(await budgets.book(key, id, { spent: 1.5, keep: 4 })).toBe(true);
      expect(await budgets.use(key)).toEqual({ spent: 1.5, reserved: 4 });
      expect(await budgets.reserve(key, 5, 10)).toBeNull();
      await budgets.settle(key, id, 0.5);
      expect(await budgets.use(key)).toEqual({ spent: 2, reserved: 0 });
      expect(await budgets.book(key, id, { spent: 1, keep: 4 })).toBe(false);
      expect(await budgets.use(key)).toEqual({ spent: 3, reserved: 0 });
    });

    it('are apart by tenant, user, name and period', async () => {
      const budgets = createBudgetStore({ db });
      const tenantId = newName('tenant');
      const key = { tenantId, name: 'llm', period: '2025-06' };
      await budgets.settle(key, (await budgets.reserve(key, 1, 1))!, 1);
      expect(await budgets.reserve(key, 1, 1)).toBeNull();
      for (const other of [
        { ...key, tenantId: newName('tenant') },
        { ...key, userId: 'u' },
        { ...key, name: 'ml' },
        { ...key, period: '2025-07' },
      ]) {
        expect(await budgets.reserve(other, 1, 1)).not.toBeNull();
      }
    });

    it('give back what a dead process had reserved, and still count what it spent', async () => {
      const budgets = createBudgetStore({ db, reservationMs: 0 });
      const key = { tenantId: newName('tenant'), name: 'llm', period: 'p' };
      const dead = (await budgets.reserve(key, 1, 1))!;
      const next = (await budgets.reserve(key, 1, 1))!;
      expect(next).not.toBeNull();
      await budgets.settle(key, dead, 0.25);
      expect((await budgets.use(key)).spent).toBe(0.25);
    });
  });
});
