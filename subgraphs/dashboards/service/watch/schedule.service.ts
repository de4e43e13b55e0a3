import { z } from 'zod';

import type { Caller } from '#platform/auth';
import { json, newId, type Database } from '#platform/db';
import { errors, toPublicError, readInput } from '#platform/errors';
import { nextRun, type Cron, type Job, type JobQueue } from '#platform/jobs';

import type { DashboardTables } from '../../store/rows';
import type { StoredRun, StoredSchedule, WatchStore } from '../../store/watch.store';
import type { DashboardService } from '../dashboard/dashboard.service';
import { policy } from '../policy';
import type { ExportService } from '../render/export.service';

import { identityOf, isSeenBy, ownerSeenBy } from './alert.service';
import type { Channel, Messenger } from './channels';

export const scheduleQueue = 'dashboards.report';

const definition = {
  cron: z.string().trim().min(9, 'write five fields, such as 0 8 * * 1').max(100),
  timezone: z.string().max(60).nullish(),
  format: z.enum(['pdf', 'csv', 'excel', 'png']),
  recipients: z.array(z.email('it must be an e-mail address')).min(1).max(50),
};
const createRules = z.object({ dashboardId: z.string(), ...definition, enabled: z.boolean().nullish() });
const updateRules = z.object({
  scheduleId: z.string(),
  cron: definition.cron.nullish(),
  timezone: definition.timezone,
  format: definition.format.nullish(),
  recipients: definition.recipients.nullish(),
  enabled: z.boolean().nullish(),
});

interface Definition {
  readonly cron: string;
  readonly timezone: string;
  readonly format: 'pdf' | 'csv' | 'excel' | 'png';
  readonly recipients: readonly string[];
}

export interface ScheduleView extends Definition {
  readonly id: string;
  readonly dashboardId: string;
  readonly enabled: boolean;
  readonly nextRunAt: Date | null;
  readonly createdAt: Date;
}

export interface ScheduleParts {
  readonly db: Database<DashboardTables>;
  readonly store: WatchStore;
  readonly cron: Cron;
  readonly jobs: JobQueue;
  readonly dashboards: DashboardService;
  readonly exports: ExportService;
  readonly messenger: Messenger;
}

/** Sends dashboards to people at their times: each due time once, on one of many instances; what was missed while down is sent once. */
export class ScheduleService {
  constructor(private readonly parts: ScheduleParts) {}

  async create(caller: Caller, input: unknown): Promise<ScheduleView> {
    policy.require(caller, 'alert:write');
    const { dashboardId, enabled, timezone, ...rest } = readInput(createRules, input);
    await this.parts.messenger.check(mail(rest.recipients));
    await this.parts.dashboards.find(caller, dashboardId);
    const id = newId('schd');
    const wanted: Definition = { ...rest, timezone: timezone ?? 'UTC' };
    return this.parts.db.inTenant(caller.tenantId, async (tx) => {
      await this.parts.cron.put(tx, entry(caller.tenantId, { id, definition: wanted, enabled: enabled ?? true }));
      const row = await this.parts.store.insertSchedule(tx, {
        tenant_id: caller.tenantId,
        id,
        dashboard_id: dashboardId,
        definition: json(wanted),
        owner: json(identityOf(caller)),
        enabled: enabled ?? true,
      });
      return toView(row);
    });
  }

  async find(caller: Caller, id: string): Promise<ScheduleView> {
    policy.require(caller, 'alert:read');
    return toView(await this.require(caller, id));
  }

  async list(caller: Caller): Promise<ScheduleView[]> {
    policy.require(caller, 'alert:read');
    return (
      await this.parts.db.inTenant(caller.tenantId, (tx) => this.parts.store.schedules(tx, caller.tenantId, ownerSeenBy(caller)))
    ).map(toView);
  }

  async update(caller: Caller, input: unknown): Promise<ScheduleView> {
    policy.require(caller, 'alert:write');
    const { scheduleId, enabled, ...change } = readInput(updateRules, input);
    const before = await this.require(caller, scheduleId);
    const old = before.definition as Definition;
    const wanted: Definition = {
      cron: change.cron ?? old.cron,
      timezone: change.timezone ?? old.timezone,
      format: change.format ?? old.format,
      recipients: change.recipients ?? old.recipients,
    };
    const next = { id: scheduleId, definition: wanted, enabled: enabled ?? before.enabled };
    return this.parts.db.inTenant(caller.tenantId, async (tx) => {
      await this.parts.cron.put(tx, entry(caller.tenantId, next));
      const updated = await this.parts.store.updateSchedule(
        tx,
        { tenantId: caller.tenantId, id: scheduleId },
        { definition: json(wanted), enabled: next.enabled },
      );
      if (!updated) throw errors.NOT_FOUND({ kind: 'schedule' });
      return toView(updated);
    });
  }

  async remove(caller: Caller, id: string): Promise<ScheduleView> {
    policy.require(caller, 'alert:write');
    const { tenantId } = caller;
    await this.require(caller, id);
    return this.parts.db.inTenant(tenantId, async (tx) => {
      const row = await this.parts.store.deleteSchedule(tx, tenantId, id);
      if (!row) throw errors.NOT_FOUND({ kind: 'schedule' });
      await this.parts.cron.remove(tx, { tenantId, queue: scheduleQueue, key: id });
      return toView(row);
    });
  }

  async history(caller: Caller, id: string): Promise<StoredRun[]> {
    policy.require(caller, 'alert:read');
    await this.require(caller, id);
    return this.parts.db.inTenant(caller.tenantId, (tx) => this.parts.store.runs(tx, caller.tenantId, id));
  }

  /** Takes due reports from the queue; before the queue starts. */
  work(): void {
    this.parts.jobs.work(scheduleQueue, (job) => this.run(job), { onFailed: (job, error) => this.recordFailure(job, error) });
  }

  private async run(job: Job): Promise<void> {
    const { tenantId } = job;
    const { scheduleId } = job.payload as { scheduleId: string };
    const row = await this.parts.db.inTenant(tenantId, (tx) => this.parts.store.schedule(tx, tenantId, scheduleId));
    if (!row?.enabled) return;
    const { format, recipients } = row.definition as Definition;
    const file = await this.parts.exports.export(row.owner as Caller, {
      dashboardId: row.dashboard_id,
      format: format === 'excel' ? 'xlsx' : format,
      refresh: true,
    });
    const run = {
      tenant_id: tenantId,
      id: newId('run'),
      subject_id: row.id,
      due_key: job.id,
      state: 'sending',
      value: null,
      message: file.filename,
      deliveries: json([]),
    };
    // Recorded before it is sent: a crash in between loses a report rather than sending it twice, and the history says so.
    const inserted = await this.parts.db.inTenant(tenantId, (tx) => this.parts.store.insertRun(tx, run));
    if (!inserted) return;
    const delivery = await this.parts.messenger.deliver(mail(recipients), {
      id: inserted.id,
      subject: `Report: ${file.filename}`,
      text: `The report ${file.filename} is attached.`,
      data: { type: 'report', schedule_id: row.id, dashboard_id: row.dashboard_id },
      attachment: { filename: file.filename, contentType: file.contentType, content: file.content },
    });
    const outcome = {
      state: delivery.delivered ? 'sent' : 'failed',
      message: delivery.problem ?? file.filename,
      deliveries: json([delivery]),
    };
    await this.parts.db.inTenant(tenantId, (tx) => this.parts.store.updateRun(tx, { tenantId, id: inserted.id }, outcome));
  }

  private async recordFailure({ id, tenantId, payload }: Job, error: unknown): Promise<void> {
    const { scheduleId } = payload as { scheduleId: string };
    const { message } = toPublicError(error);
    await this.parts.db.inTenant(tenantId, async (tx) => {
      if (!(await this.parts.store.schedule(tx, tenantId, scheduleId))) return;
      await this.parts.store.insertRun(tx, {
        tenant_id: tenantId,
        id: newId('run'),
        subject_id: scheduleId,
        due_key: id,
        state: 'failed',
        value: null,
        message,
        deliveries: json([]),
      });
    });
  }

  private async require(caller: Caller, id: string): Promise<StoredSchedule> {
    const row = await this.parts.db.inTenant(caller.tenantId, (tx) => this.parts.store.schedule(tx, caller.tenantId, id));
    if (!row || !isSeenBy(caller, row)) throw errors.NOT_FOUND({ kind: 'schedule' });
    return row;
  }
}

const mail = (recipients: readonly string[]): Channel => ({ type: 'email', to: [...recipients] });

const entry = (
  tenantId: string,
  { id, definition: { cron, timezone }, enabled }: { id: string; definition: Definition; enabled: boolean },
) => ({
  key: id,
  tenantId,
  queue: scheduleQueue,
  cron,
  timezone,
  payload: { scheduleId: id },
  enabled,
  catchUp: 'once' as const,
});

const toView = (row: StoredSchedule): ScheduleView => {
  const wanted = row.definition as Definition;
  return {
    ...wanted,
    id: row.id,
    dashboardId: row.dashboard_id,
    enabled: row.enabled,
    nextRunAt: row.enabled ? nextRun(wanted.cron, wanted.timezone, new Date()) : null,
    createdAt: row.created_at,
  };
};
