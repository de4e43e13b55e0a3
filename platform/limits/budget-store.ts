import { sql } from 'kysely';

import { newId, type AnyTx, type Database } from '#platform/db';

import type { BudgetKey, BudgetStore, BudgetUse } from './types';

export interface BudgetOptions {
  readonly db: Database;
  /** A reservation whose process died is given back after this. @default 900_000 // 15 min */
  readonly reservationMs?: number;
}

const userOf = ({ userId }: BudgetKey): string => userId ?? '';

/** Budgets on the metadata database: the row of a budget is locked for the length of one short transaction, so sums are exact. */
export function createBudgetStore({ db, reservationMs = 900_000 }: BudgetOptions): BudgetStore {
  const matches = (key: BudgetKey) => sql`
    tenant_id = ${key.tenantId} and user_id = ${userOf(key)} and name = ${key.name} and period = ${key.period}`;

  const giveBackExpired = async (tx: AnyTx, key: BudgetKey): Promise<void> => {
    await sql`
      with gone as (delete from budget_reservations where ${matches(key)} and expires_at <= now() returning amount)
      update budgets set reserved = reserved - total.amount
      from (select sum(amount) as amount from gone) as total
      where ${matches(key)} and total.amount is not null`.execute(tx);
  };

  // Budget before reservation, everywhere: the other order would deadlock with a rival that gives back an expired one.
  const lock = (tx: AnyTx, key: BudgetKey) => sql`select 1 from budgets where ${matches(key)} for update`.execute(tx);

  const endReservation = async (tx: AnyTx, { key, reservationId, spent }: { key: BudgetKey; reservationId: string; spent: number }) => {
    await lock(tx, key);
    const ended = await sql`
      with gone as (
        delete from budget_reservations where tenant_id = ${key.tenantId} and id = ${reservationId} returning *)
      update budgets set reserved = budgets.reserved - gone.amount, spent = budgets.spent + cast(${spent} as numeric)
      from gone
      where budgets.tenant_id = gone.tenant_id and budgets.user_id = gone.user_id
        and budgets.name = gone.name and budgets.period = gone.period`.execute(tx);
    return Boolean(ended.numAffectedRows);
  };

  const expiry = sql`now() + make_interval(secs => cast(${reservationMs / 1000} as double precision))`;

  const bookPart = async (tx: AnyTx, key: BudgetKey, part: { id: string; spent: number; keep: number }): Promise<boolean> => {
    await lock(tx, key);
    const booked = await sql`
      with before as (select amount from budget_reservations where tenant_id = ${key.tenantId} and id = ${part.id} for update),
      after as (
        update budget_reservations set amount = cast(${part.keep} as numeric), expires_at = ${expiry}
        where tenant_id = ${key.tenantId} and id = ${part.id} returning amount)
      update budgets set reserved = budgets.reserved - before.amount + after.amount, spent = budgets.spent + cast(${part.spent} as numeric)
      from before, after where ${matches(key)}`.execute(tx);
    return Boolean(booked.numAffectedRows);
  };

  const countSpent = (tx: AnyTx, key: BudgetKey, spent: number) =>
    sql`insert into budgets as b (tenant_id, user_id, name, period, spent)
        values (${key.tenantId}, ${userOf(key)}, ${key.name}, ${key.period}, ${spent})
        on conflict (tenant_id, user_id, name, period) do update set spent = b.spent + excluded.spent`.execute(tx);

  // One statement, and exact: where a rival has changed the row meanwhile, PostgreSQL judges the condition again by its newest version.
  const hold = async (tx: AnyTx, { key, amount, limit }: { key: BudgetKey; amount: number; limit: number }): Promise<string | null> => {
    const id = newId('rsv');
    const { rows } = await sql`
      with held as (
        insert into budgets as b (tenant_id, user_id, name, period, reserved)
        select ${key.tenantId}, ${userOf(key)}, ${key.name}, ${key.period}, cast(${amount} as numeric)
        where cast(${amount} as numeric) <= cast(${limit} as numeric)
        on conflict (tenant_id, user_id, name, period) do update set reserved = b.reserved + excluded.reserved
        where b.spent + b.reserved + excluded.reserved <= cast(${limit} as numeric)
        returning 1)
      insert into budget_reservations (id, tenant_id, user_id, name, period, amount, expires_at)
      select ${id}, ${key.tenantId}, ${userOf(key)}, ${key.name}, ${key.period}, ${amount}, ${expiry}
      from held returning 1 as done`.execute(tx);
    return rows.length === 0 ? null : id;
  };

  return {
    reserve: (key, amount, limit) =>
      db.inTenant(key.tenantId, async (tx) => {
        const id = await hold(tx, { key, amount, limit });
        if (id !== null) return id;
        // Perhaps what is held belongs to the dead.
        await lock(tx, key);
        await giveBackExpired(tx, key);
        return hold(tx, { key, amount, limit });
      }),

    settle: (key, reservationId, spent) =>
      db.inTenant(key.tenantId, async (tx) => {
        if (await endReservation(tx, { key, reservationId, spent })) return;
        // The reservation had expired: what was spent counts all the same.
        await countSpent(tx, key, spent);
      }),

    book: (key, id, part) =>
      db.inTenant(key.tenantId, async (tx) => {
        if (await bookPart(tx, key, { id, ...part })) return true;
        await countSpent(tx, key, part.spent);
        return false;
      }),

    release: (key, reservationId) =>
      db.inTenant(key.tenantId, async (tx) => {
        await endReservation(tx, { key, reservationId, spent: 0 });
      }),

    use: (key) =>
      db.inTenant(key.tenantId, async (tx): Promise<BudgetUse> => {
        const look = async () => {
          const { rows } = await sql<{ spent: string; reserved: string; is_stale: boolean }>`
            select spent, reserved,
                   exists (select 1 from budget_reservations where ${matches(key)} and expires_at <= now()) as is_stale
            from budgets where ${matches(key)}`.execute(tx);
          return rows[0];
        };
        let found = await look();
        if (found?.is_stale) {
          await lock(tx, key);
          await giveBackExpired(tx, key);
          found = await look();
        }
        return { spent: Number(found?.spent ?? 0), reserved: Number(found?.reserved ?? 0) };
      }),
  };
}
