import type { Insertable } from 'kysely';

import { newId, type Database } from '#platform/db';
import type { Logger } from '#platform/telemetry';

import type { CallStore } from '../../store/call.store';
import type { DecisionStore } from '../../store/decision.store';
import type { CallRow, LlmTables } from '../../store/rows';
import type { RequestFacts, Verdict } from '../strategy/facts';
import type { Attempt, Strategy } from '../types';

export type CallEntry = Omit<Insertable<CallRow>, 'tenant_id' | 'id' | 'created_at'>;

export interface DecisionEntry {
  readonly id: string;
  readonly userId: string;
  readonly strategy: Strategy;
  readonly provider: string | null;
  readonly model: string | null;
  readonly status: 'answered' | 'cached' | 'failed' | 'interrupted' | 'cancelled' | 'refused';
  readonly request: RequestFacts;
  readonly verdicts: readonly Verdict[];
  readonly attempts: readonly Attempt[];
  readonly createdAt: Date;
}

export interface CallLogDeps {
  readonly db: Database<LlmTables>;
  readonly calls: CallStore;
  readonly decisions: DecisionStore;
  readonly logger: Logger;
  /** Called with the number of entries that could not be kept. */
  readonly onDropped: (entries: number) => void;
  /** @default 250 ms */
  readonly flushMs?: number;
  /** Entries kept for a database that is away; beyond it the oldest are dropped and counted. @default 10_000 */
  readonly maxHeld?: number;
  /** @default 90 days */
  readonly keepDays?: number;
}

interface Held {
  readonly calls: Insertable<CallRow>[];
  readonly decisions: DecisionEntry[];
}

/** Rows of one insert: the embedded database serves nobody else meanwhile. */
const chunk = 500;
const sweepEveryMs = 3_600_000;

/**
 * Calls and decisions, written in batches behind the answers. Readers call `flush` first, so that who asks for a decision just made
 * finds it. A process that is killed loses the last quarter of a second of statistics; money is accounted elsewhere, before the call.
 */
export class CallLog {
  private held = new Map<string, Held>();
  private size = 0;
  private timer: NodeJS.Timeout | null = null;
  private isClosed = false;
  private writing: Promise<void> = Promise.resolve();
  private readonly swept = new Map<string, number>();

  constructor(private readonly deps: CallLogDeps) {}

  add(tenantId: string, decision: DecisionEntry, calls: readonly CallEntry[]): void {
    const { maxHeld = 10_000, flushMs = 250, onDropped } = this.deps;
    if (this.size >= maxHeld || this.isClosed) {
      onDropped(1 + calls.length);
      return;
    }
    const held = this.heldOf(tenantId);
    held.decisions.push(decision);
    for (const call of calls) held.calls.push({ tenant_id: tenantId, id: newId('call'), created_at: decision.createdAt, ...call });
    this.size += 1 + calls.length;
    this.timer ??= setTimeout(() => void this.flush(), flushMs);
  }

  /** Resolves when everything added so far is stored, or was given back for the next try. */
  flush(): Promise<void> {
    if (this.timer) clearTimeout(this.timer);
    this.timer = null;
    if (this.size > 0) {
      const batch = this.held;
      this.held = new Map();
      this.size = 0;
      this.writing = this.writing.then(() => this.write(batch));
    }
    return this.writing;
  }

  /** Writes what is held; what comes later, from calls cut off by the shutdown, is dropped and counted. */
  async close(): Promise<void> {
    await this.flush();
    this.isClosed = true;
    if (this.timer) clearTimeout(this.timer);
  }

  private heldOf(tenantId: string): Held {
    let held = this.held.get(tenantId);
    if (!held) {
      held = { calls: [], decisions: [] };
      this.held.set(tenantId, held);
    }
    return held;
  }

  private async write(batch: ReadonlyMap<string, Held>): Promise<void> {
    for (const [tenantId, held] of batch) {
      try {
        await this.writeTenant(tenantId, held);
      } catch (error) {
        this.deps.logger.warn(
          { event: 'llm.call_log_failed', err: error, entries: held.calls.length },
          'model calls could not be recorded yet',
        );
        this.giveBack(tenantId, held);
      }
    }
  }

  private giveBack(tenantId: string, { calls, decisions }: Held): void {
    const { maxHeld = 10_000, onDropped } = this.deps;
    const entries = calls.length + decisions.length;
    if (this.size + entries > maxHeld || this.isClosed) {
      onDropped(entries);
      return;
    }
    const held = this.heldOf(tenantId);
    held.calls.unshift(...calls);
    held.decisions.unshift(...decisions);
    this.size += entries;
    this.timer ??= setTimeout(() => void this.flush(), 2_000);
  }

  private async writeTenant(tenantId: string, { calls, decisions }: Held): Promise<void> {
    const rows = decisions.map((each) => ({
      tenant_id: tenantId,
      id: each.id,
      user_id: each.userId,
      strategy: each.strategy,
      provider: each.provider,
      model: each.model,
      status: each.status,
      request: each.request,
      candidates: each.verdicts,
      attempts: each.attempts,
      created_at: each.createdAt,
    }));
    await this.deps.db.inTenant(tenantId, async (tx) => {
      for (let from = 0; from < rows.length; from += chunk) await this.deps.decisions.insertMany(tx, rows.slice(from, from + chunk));
      for (let from = 0; from < calls.length; from += chunk) await this.deps.calls.insertMany(tx, calls.slice(from, from + chunk));
      if (!this.isSweepDue(tenantId)) return;
      const before = new Date(Date.now() - (this.deps.keepDays ?? 90) * 86_400_000);
      await this.deps.decisions.deleteBefore(tx, tenantId, before);
      await this.deps.calls.deleteBefore(tx, tenantId, before);
    });
  }

  private isSweepDue(tenantId: string): boolean {
    const now = Date.now();
    if (now - (this.swept.get(tenantId) ?? 0) < sweepEveryMs) return false;
    if (this.swept.size > 10_000) this.swept.clear();
    this.swept.set(tenantId, now);
    return true;
  }
}
