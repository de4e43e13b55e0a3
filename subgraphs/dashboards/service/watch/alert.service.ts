import { z } from 'zod';

import { hasRole, type Caller } from '#platform/auth';
import { json, newId, type Database } from '#platform/db';
import { errors, toPublicError, readInput } from '#platform/errors';
import { nextRun, type Cron, type Job, type JobQueue } from '#platform/jobs';

import type { DashboardTables } from '../../store/rows';
import type { StoredAlert, StoredRun, WatchStore } from '../../store/watch.store';
import type { WidgetService, WidgetWithDashboard } from '../dashboard/widget.service';
import { policy } from '../policy';
import type { QueryRunner, WidgetRows } from '../ports';

import { channel, type Delivery, type Messenger } from './channels';
import { condition, judge, type Verdict } from './condition';

export const alertQueue = 'dashboards.alert';

const schedule = z.string().trim().min(9, 'write five fields, such as 0 9 * * 1').max(100);
const base = {
  sql: z.string().min(1).max(100_000).nullish(),
  metric: z.string().min(1).max(2_000).nullish(),
  widgetId: z.string().nullish(),
  sourceId: z.string().nullish(),
  timezone: z.string().max(60).nullish(),
};
const definitionRules = z
  .object({ ...base, condition, schedule, channels: z.array(channel).max(10) })
  .refine(({ sql, metric, widgetId }) => [sql, metric, widgetId].filter((part) => part != null).length === 1, {
    message: 'give exactly one of sql, metric and widget_id',
  });
const createRules = z.object({ name: z.string().trim().min(1).max(200), enabled: z.boolean().nullish() }).and(definitionRules);
const updateRules = z.object({
  alertId: z.string(),
  name: z.string().trim().min(1).max(200).nullish(),
  enabled: z.boolean().nullish(),
  mutedUntil: z.string().nullish(),
  condition: condition.nullish(),
  schedule: schedule.nullish(),
  timezone: base.timezone,
  channels: z.array(channel).max(10).nullish(),
});
type Definition = z.infer<typeof definitionRules>;

export interface AlertParts {
  readonly db: Database<DashboardTables>;
  readonly store: WatchStore;
  readonly cron: Cron;
  readonly jobs: JobQueue;
  readonly widgets: WidgetService;
  readonly runner: QueryRunner;
  readonly messenger: Messenger;
}

export interface AlertView {
  readonly id: string;
  readonly name: string;
  readonly definition: Definition;
  readonly enabled: boolean;
  readonly mutedUntil: Date | null;
  readonly lastState: string | null;
  readonly lastValue: number | null;
  readonly nextRunAt: Date | null;
  readonly createdAt: Date;
}

/** Watches a number and tells people when it matters. Each due time is judged once, on whichever instance takes the job. */
export class AlertService {
  constructor(private readonly parts: AlertParts) {}

  async create(caller: Caller, input: unknown): Promise<AlertView> {
    policy.require(caller, 'alert:write');
    const { name, enabled, ...definition } = readInput(createRules, input);
    for (const to of definition.channels) await this.parts.messenger.check(to);
    if (definition.widgetId) await this.widget(caller, definition.widgetId);
    const id = newId('alrt');
    return this.parts.db.inTenant(caller.tenantId, async (tx) => {
      await this.parts.cron.put(tx, this.entry(caller.tenantId, { id, definition, enabled: enabled ?? true }));
      const row = await this.parts.store.insertAlert(tx, {
        tenant_id: caller.tenantId,
        id,
        name,
        definition: json(definition),
        owner: json(identityOf(caller)),
        enabled: enabled ?? true,
        muted_until: null,
        last_value: null,
        last_state: null,
      });
      return toView(row);
    });
  }

  async find(caller: Caller, id: string): Promise<AlertView> {
    policy.require(caller, 'alert:read');
    return toView(await this.require(caller, id));
  }

  async list(caller: Caller): Promise<AlertView[]> {
    policy.require(caller, 'alert:read');
    return (await this.parts.db.inTenant(caller.tenantId, (tx) => this.parts.store.alerts(tx, caller.tenantId, ownerSeenBy(caller)))).map(
      toView,
    );
  }

  async update(caller: Caller, input: unknown): Promise<AlertView> {
    policy.require(caller, 'alert:write');
    const { alertId, name, enabled, mutedUntil, ...change } = readInput(updateRules, input);
    const before = await this.require(caller, alertId);
    for (const to of change.channels ?? []) await this.parts.messenger.check(to);
    const old = before.definition as Definition;
    const definition: Definition = {
      ...old,
      condition: change.condition ?? old.condition,
      schedule: change.schedule ?? old.schedule,
      timezone: change.timezone ?? old.timezone,
      channels: change.channels ?? old.channels,
    };
    const muted = mutedUntil ? new Date(mutedUntil) : null;
    if (muted && Number.isNaN(muted.getTime()))
      throw errors.INVALID_REQUEST({ what: 'muted_until', hint: 'write a time as 2026-01-31T12:00:00Z' }, { field: 'muted_until' });
    return this.parts.db.inTenant(caller.tenantId, async (tx) => {
      const next = { id: alertId, definition, enabled: enabled ?? before.enabled };
      await this.parts.cron.put(tx, this.entry(caller.tenantId, next));
      const row = {
        name: name ?? before.name,
        definition: json(definition),
        enabled: next.enabled,
        muted_until: mutedUntil === undefined ? before.muted_until : muted,
      };
      const updated = await this.parts.store.updateAlert(tx, { tenantId: caller.tenantId, id: alertId }, row);
      if (!updated) throw errors.NOT_FOUND({ kind: 'alert' });
      return toView(updated);
    });
  }

  async remove(caller: Caller, id: string): Promise<AlertView> {
    policy.require(caller, 'alert:write');
    const { tenantId } = caller;
    await this.require(caller, id);
    return this.parts.db.inTenant(tenantId, async (tx) => {
      const row = await this.parts.store.deleteAlert(tx, tenantId, id);
      if (!row) throw errors.NOT_FOUND({ kind: 'alert' });
      await this.parts.cron.remove(tx, { tenantId, queue: alertQueue, key: id });
      return toView(row);
    });
  }

  async history(caller: Caller, id: string): Promise<StoredRun[]> {
    policy.require(caller, 'alert:read');
    await this.require(caller, id);
    return this.parts.db.inTenant(caller.tenantId, (tx) => this.parts.store.runs(tx, caller.tenantId, id));
  }

  /** Judges now and delivers whatever the verdict, marked as a test. Nothing is remembered of the value. */
  async test(caller: Caller, id: string): Promise<StoredRun> {
    policy.require(caller, 'alert:write');
    const row = await this.require(caller, id);
    const { value, verdict } = await this.judged(row);
    const deliveries = await this.notify(row, { verdict, value, id: newId('ntc'), test: true });
    return this.parts.db.inTenant(caller.tenantId, async (tx) => {
      const due = `test-${newId('tst')}`;
      return (await this.parts.store.insertRun(tx, runRow(row, { due, state: 'test', value, message: verdict.message, deliveries })))!;
    });
  }

  /** Takes due alerts from the queue; before the queue starts. */
  work(): void {
    this.parts.jobs.work(alertQueue, (job) => this.run(job), { concurrency: 2, onFailed: (job, error) => this.recordFailure(job, error) });
  }

  private async run(job: Job): Promise<void> {
    const { alertId } = job.payload as { alertId: string };
    const { tenantId } = job;
    const row = await this.parts.db.inTenant(tenantId, (tx) => this.parts.store.alert(tx, tenantId, alertId));
    if (!row?.enabled) return;
    const { value, verdict } = await this.judged(row);
    const muted = row.muted_until !== null && row.muted_until > new Date();
    const state = verdict.fired ? (muted ? 'muted' : 'fired') : 'ok';
    const run = await this.parts.db.inTenant(tenantId, async (tx) => {
      const inserted = await this.parts.store.insertRun(
        tx,
        runRow(row, { due: job.id, state, value, message: verdict.message, deliveries: [] }),
      );
      if (inserted) await this.parts.store.updateAlert(tx, { tenantId, id: alertId }, { last_value: value, last_state: state });
      return inserted;
    });
    // Recorded before it is sent: a crash in between loses a message rather than sending it twice, and the history shows which.
    if (!run || state !== 'fired') return;
    const deliveries = await this.notify(row, { verdict, value, id: run.id, test: false });
    await this.parts.db.inTenant(tenantId, (tx) =>
      this.parts.store.updateRun(tx, { tenantId, id: run.id }, { deliveries: json(deliveries) }),
    );
  }

  /** An alert that could not be judged says so in its history; it has not said that all is well. */
  private async recordFailure({ id, tenantId, payload }: Job, error: unknown): Promise<void> {
    const { alertId } = payload as { alertId: string };
    const { message } = toPublicError(error);
    await this.parts.db.inTenant(tenantId, async (tx) => {
      const row = await this.parts.store.alert(tx, tenantId, alertId);
      if (!row) return;
      const inserted = await this.parts.store.insertRun(
        tx,
        runRow(row, { due: id, state: 'failed', value: null, message, deliveries: [] }),
      );
      if (inserted) await this.parts.store.updateAlert(tx, { tenantId, id: alertId }, { last_state: 'failed' });
    });
  }

  private async judged(row: StoredAlert): Promise<{ value: number; verdict: Verdict }> {
    const definition = row.definition as Definition;
    const owner = row.owner as Caller;
    const rows = await this.query(owner, definition);
    const series = numbersOf(rows);
    const value = series.at(-1);
    if (value === undefined) throw errors.QUERY_FAILED({ reason: 'the alert watches a query that gave no number' });
    const earlier = await this.parts.db.inTenant(row.tenant_id, (tx) => this.parts.store.runs(tx, row.tenant_id, row.id));
    const remembered = earlier
      .filter(({ state }) => state !== 'test')
      .map((run) => run.value)
      .filter((past): past is number => past !== null)
      .reverse();
    const history = series.length > 1 ? series.slice(0, -1) : remembered;
    return { value, verdict: judge(definition.condition, { value, history }) };
  }

  private async query(owner: Caller, { sql, metric, widgetId, sourceId }: Definition): Promise<WidgetRows> {
    const { widget, dashboard } = widgetId ? await this.widget(owner, widgetId) : {};
    const source = widget?.dataSource;
    return this.parts.runner.run(owner, {
      sql: sql ?? source?.sql,
      question: source?.question,
      metric: metric ?? source?.metric,
      sourceId: sourceId ?? source?.sourceId,
      parameters: source?.parameters,
      // The number that the widget shows.
      filters: dashboard?.filters ?? [],
      maxRows: 5_000,
      refresh: true,
    });
  }

  private async widget(caller: Caller, id: string): Promise<WidgetWithDashboard> {
    const [found] = await this.parts.widgets.findMany(caller, [id]);
    if (!found) throw errors.NOT_FOUND({ kind: 'widget' }, { field: 'widget_id' });
    return found;
  }

  private notify(
    row: StoredAlert,
    { verdict, value, id, test }: { verdict: Verdict; value: number; id: string; test: boolean },
  ): Promise<Delivery[]> {
    const { channels } = row.definition as Definition;
    const notice = {
      id,
      subject: `${test ? 'Test of the alert' : 'Alert'}: ${row.name}`,
      text: verdict.message,
      data: { type: 'alert', alert_id: row.id, name: row.name, value, fired: verdict.fired, test, at: new Date().toISOString() },
    };
    return Promise.all(channels.map((to) => this.parts.messenger.deliver(to, notice)));
  }

  private entry(tenantId: string, { id, definition, enabled }: { id: string; definition: Definition; enabled: boolean }) {
    return {
      key: id,
      tenantId,
      queue: alertQueue,
      cron: definition.schedule,
      timezone: definition.timezone ?? 'UTC',
      payload: { alertId: id },
      enabled,
      catchUp: 'once' as const,
    };
  }

  private async require(caller: Caller, id: string): Promise<StoredAlert> {
    const row = await this.parts.db.inTenant(caller.tenantId, (tx) => this.parts.store.alert(tx, caller.tenantId, id));
    if (!row || !isSeenBy(caller, row)) throw errors.NOT_FOUND({ kind: 'alert' });
    return row;
  }
}

/**
 * Alerts and schedules run with their owner's rights, and their values and recipients are the owner's: they are seen and changed by
 * the owner and by administrators only. Null: by this caller whoever the owner is.
 */
export const ownerSeenBy = (caller: Caller): string | null => (hasRole(caller, 'admin') ? null : caller.userId);

export const isSeenBy = (caller: Caller, { owner }: { owner: unknown }): boolean =>
  (ownerSeenBy(caller) ?? (owner as Caller).userId) === (owner as Caller).userId;

/** The owner as later runs act: with the rights of then, and no token's end. */
export const identityOf = ({ tenantId, userId, roles, tier, scopes, attributes }: Caller): Caller => ({
  tenantId,
  userId,
  roles,
  tier,
  ...(scopes ? { scopes } : {}),
  ...(attributes ? { attributes } : {}),
});

/** The last numeric column, row by row: one number, or a series whose last point is the present. */
const numbersOf = ({ columns, rows }: WidgetRows): number[] => {
  const place = columns
    .map(({ kind }) => kind)
    .reduce((found, kind, index) => (kind === 'integer' || kind === 'number' ? index : found), -1);
  return place < 0 ? [] : rows.flatMap((row) => (row[place] == null ? [] : [Number(row[place])])).filter(Number.isFinite);
};

const runRow = (
  row: StoredAlert,
  {
    due,
    state,
    value,
    message,
    deliveries,
  }: { due: string; state: string; value: number | null; message: string; deliveries: readonly Delivery[] },
) => ({
  tenant_id: row.tenant_id,
  id: newId('run'),
  subject_id: row.id,
  due_key: due,
  state,
  value,
  message,
  deliveries: json(deliveries),
});

const toView = (row: StoredAlert): AlertView => {
  const definition = row.definition as Definition;
  return {
    id: row.id,
    name: row.name,
    definition,
    enabled: row.enabled,
    mutedUntil: row.muted_until,
    lastState: row.last_state,
    lastValue: row.last_value,
    nextRunAt: row.enabled ? nextRun(definition.schedule, definition.timezone ?? 'UTC', new Date()) : null,
    createdAt: row.created_at,
  };
};
