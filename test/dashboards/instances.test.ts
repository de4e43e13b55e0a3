import { sql } from 'kysely';

import type { Database } from '#platform/db';

import { dashboardMigrations } from '../../subgraphs/dashboards';
import { describeOnBothDatabases } from '../kit/both-databases';
import { caller } from '../kit/caller';
import { until } from '../kit/until';

import { httpReceiver, smtpServer, type MailServer, type Receiver } from './receivers';
import { dashboardWorld, metric, type DashboardWorld } from './world';

const noon = new Date('2030-01-07T12:00:30Z').getTime();
const minutes = (count: number): Date => new Date(noon + count * 60_000);

describeOnBothDatabases('alerts and reports of two instances', (databases) => {
  let db: Database & AsyncDisposable;
  let receiver: Receiver;
  let mail: MailServer;
  beforeAll(async () => {
    [db, receiver, mail] = await Promise.all([databases.open({ folders: [dashboardMigrations] }), httpReceiver(), smtpServer()]);
  });
  afterAll(async () => {
    await Promise.all([receiver?.[Symbol.asyncDispose](), mail?.[Symbol.asyncDispose]()]);
    await db?.[Symbol.asyncDispose]();
  });
  beforeEach(() => {
    receiver.calls.length = 0;
    mail.mails.length = 0;
  });

  /** Not started yet: each has its own queue, schedules and pool of work. */
  const instance = async (): Promise<DashboardWorld> => {
    const world = await dashboardWorld({ db, smtpUrl: mail.url });
    world.setTime(minutes(0));
    return world;
  };
  const alertsOf = async (world: DashboardWorld, count: number) => {
    const who = caller();
    const ids: string[] = [];
    for (let n = 0; n < count; n += 1) {
      const { id } = await world.services.alerts.create(who, {
        name: `a${n}`,
        metric: 'revenue',
        condition: { operator: 'greater_than', threshold: 100 },
        schedule: '* * * * *',
        channels: [{ type: 'webhook', url: receiver.url }],
      });
      ids.push(id);
    }
    return { who, ids };
  };
  /**
   * No job is under way. Leases are counted on the clocks that these tests move: one that jumps past the lease of a running job makes it
   * an abandoned one.
   */
  const settled = () =>
    until(async () => {
      const { rows } = await db.asSystem((tx) => sql`select id from jobs where state in ('queued', 'running') limit 1`.execute(tx));
      return rows.length === 0;
    });
  /** Alerts, as often as they were told of. */
  const told = (): string[] => receiver.calls.map(({ body }) => (JSON.parse(body) as { alert_id: string }).alert_id).sort();

  it('tell each due time once, on one of them, and none is missed', async () => {
    await using first = await instance();
    await using second = await instance();
    const { who, ids } = await alertsOf(first, 6);
    await Promise.all([first.start(), second.start()]);
    for (let minute = 1; minute <= 3; minute += 1) {
      for (const world of [first, second]) world.setTime(minutes(minute));
      await until(() => receiver.calls.length >= 6 * minute);
      await settled();
    }
    expect(told()).toEqual([...ids, ...ids, ...ids].sort());
    for (const id of ids) {
      const history = await first.services.alerts.history(who, id);
      expect(history.map(({ state }) => state)).toEqual(['fired', 'fired', 'fired']);
    }
    for (const id of ids) await first.services.alerts.remove(who, id);
  });

  it('tell once what came due while all were down, and go on in time', async () => {
    await using planner = await instance();
    const { who, ids } = await alertsOf(planner, 2);
    const dashboard = await planner.services.dashboards.create(who, { name: 'Hourly' });
    await planner.services.widgets.add(who, { dashboardId: dashboard.id, ...metric });
    const report = { dashboardId: dashboard.id, cron: '0 * * * *', format: 'csv', recipients: ['a@x.example'] };
    const schedule = await planner.services.schedules.create(who, report);
    await using first = await instance();
    await using second = await instance();
    for (const world of [first, second]) world.setTime(minutes(300));
    await Promise.all([first.start(), second.start()]);
    await until(() => receiver.calls.length >= 2 && mail.mails.length >= 1);
    await settled();
    for (const world of [first, second]) world.setTime(minutes(301));
    await until(() => receiver.calls.length >= 4);
    await settled();
    expect(told()).toEqual([...ids, ...ids].sort());
    const [sent] = await until(async () => {
      const runs = await first.services.schedules.history(who, schedule.id);
      return runs.every(({ state }) => state === 'sent') ? runs : null;
    });
    expect(sent).toMatchObject({ state: 'sent', deliveries: [{ delivered: true }] });
    expect(mail.mails).toHaveLength(1);
  });
});
