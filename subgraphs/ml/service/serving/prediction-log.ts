import { newId, type Database } from '#platform/db';

import type { RegistryStore } from '../../store/registry.store';
import type { MlTables } from '../../store/rows';
import { groupBy } from '../data/group-by';

import { Thinning } from './thinning';

export interface Remembered {
  readonly tenantId: string;
  readonly modelId: string;
  readonly version: number;
  readonly role: string;
  readonly features: unknown;
  /** Null where the version failed. */
  readonly prediction: unknown;
  readonly latencyMs: number;
  readonly madeAt: Date;
}

const flushMs = 250;
const flushRows = 1_000;
/** Rows that are made ready at once; requests are answered between these. */
const turnRows = 50;
/** Rows kept while the database is away; the oldest go first. */
const maxWaiting = 10_000;
/** Predictions of a model that are kept, and after how many more the older ones are removed. */
const [keptPerModel, pruneEvery] = [10_000, 2_000];

/** Writes what was predicted a moment later and many at once, so that an answer never waits for it. For drift and comparison only. */
export class PredictionLog {
  private waiting: Remembered[] = [];
  private timer: NodeJS.Timeout | undefined;
  private writing: Promise<void> = Promise.resolve();
  private readonly sincePruned = new Map<string, number>();
  private readonly thinning = new Thinning();

  constructor(private readonly parts: { readonly db: Database<MlTables>; readonly store: RegistryStore }) {}

  add(rows: readonly Remembered[]): void {
    this.waiting.push(...rows.filter((row) => this.thinning.keeps(row)));
    if (this.waiting.length === 0) return;
    if (this.waiting.length > maxWaiting) this.waiting.splice(0, this.waiting.length - maxWaiting);
    if (this.waiting.length >= flushRows) return void this.flush().catch(() => undefined);
    this.timer ??= setTimeout(() => void this.flush().catch(() => undefined), flushMs).unref();
  }

  /** Everything added so far is stored once this resolves. */
  flush(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    return (this.writing = this.writing.catch(() => undefined).then(() => this.write()));
  }

  private async write(): Promise<void> {
    const rows = this.waiting;
    this.waiting = [];
    this.thinning.sweep(rows);
    const failures: unknown[] = [];
    for (const [tenantId, own] of groupBy(rows, (row) => row.tenantId)) {
      await this.writeFor(tenantId, own).catch((error: unknown) => {
        // Kept for the next time, before what came meanwhile.
        this.waiting.unshift(...own);
        failures.push(error);
      });
    }
    if (failures.length > 0) throw failures[0];
  }

  private writeFor(tenantId: string, rows: readonly Remembered[]): Promise<void> {
    const { db, store } = this.parts;
    return db.inTenant(tenantId, async (tx) => {
      for (let from = 0; from < rows.length; from += turnRows)
        await store.insertPredictions(tx, tenantId, rows.slice(from, from + turnRows).map(toRow));
      for (const modelId of this.dueForPruning(rows)) await store.prunePredictions(tx, { tenantId, modelId }, keptPerModel);
    });
  }

  private dueForPruning(rows: readonly Remembered[]): string[] {
    for (const { modelId } of rows) this.sincePruned.set(modelId, (this.sincePruned.get(modelId) ?? 0) + 1);
    const due = [...this.sincePruned].flatMap(([modelId, count]) =>
      count >= pruneEvery && rows.some((row) => row.modelId === modelId) ? [modelId] : [],
    );
    for (const modelId of due) this.sincePruned.delete(modelId);
    return due;
  }
}

const toRow = ({ modelId, version, role, features, prediction, latencyMs, madeAt }: Remembered) => ({
  id: newId('prd'),
  model_id: modelId,
  version,
  role,
  features,
  prediction,
  latency_ms: latencyMs,
  made_at: madeAt,
});
