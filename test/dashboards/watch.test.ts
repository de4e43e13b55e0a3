import { createHmac } from 'node:crypto';

import { sql } from 'kysely';

import type { Caller } from '#platform/auth';

import { alertQueue } from '../../subgraphs/dashboards/service/watch/alert.service';
import { judge } from '../../subgraphs/dashboards/service/watch/condition';
import { createMessenger } from '../../subgraphs/dashboards/service/watch/messenger';
import { caller } from '../kit/caller';
import { until } from '../kit/until';

import { httpReceiver, smtpServer, type MailServer, type Receiver } from './receivers';
import { dashboardWorld, metric, type DashboardWorld } from './world';

const notice = { id: 'ntc-1', subject: 'S', text: 'T', data: { value: 7 } };

describe('messages', () => {
  let receiver: Receiver;
  let mail: MailServer;
  beforeAll(async () => {
    [receiver, mail] = await Promise.all([httpReceiver(), smtpServer()]);
  });
  beforeEach(() => {
    receiver.calls.length = 0;
    receiver.answers.length = 0;
    mail.mails.length = 0;
  });
  afterAll(() => Promise.all([receiver?.[Symbol.asyncDispose](), mail?.[Symbol.asyncDispose]()]));
  const messenger = (options = {}) =>
    createMessenger({ smtpUrl: mail.url, mailFrom: 'from@parley.example', allowPrivateHosts: true, backoffMs: 5, ...options });
  const hook = (secret?: string) => ({ type: 'webhook' as const, url: receiver.url, secret });
  const email = (...to: string[]) => ({ type: 'email' as const, to });

  it('to a webhook carry a signature that the receiver can compute, over time and body', async () => {
    expect(await messenger().deliver(hook('a long secret'), notice)).toMatchObject({
      delivered: true,
      attempts: 1,
      problem: null,
      target: new URL(receiver.url).host,
    });
    const [{ headers, body }] = receiver.calls as [Receiver['calls'][number]];
    const expected = createHmac('sha256', 'a long secret')
      .update(`${headers['x-parley-timestamp'] as string}.${body}`)
      .digest('hex');
    expect(headers).toMatchObject({
      'x-parley-signature': `v1=${expected}`,
      'x-parley-notice': 'ntc-1',
      'content-type': 'application/json',
    });
    expect(JSON.parse(body)).toEqual({ id: 'ntc-1', subject: 'S', text: 'T', value: 7 });
  });

  it('are tried again after 500 and 429, under the same id', async () => {
    receiver.answers.push(500, 429);
    expect(await messenger().deliver(hook(), notice)).toMatchObject({ delivered: true, attempts: 3 });
    expect(new Set(receiver.calls.map(({ headers }) => headers['x-parley-notice']))).toEqual(new Set(['ntc-1']));
  });

  it('are given up after three attempts, and at once where the receiver refuses', async () => {
    receiver.answers.push(503, 503, 503, 200);
    expect(await messenger().deliver(hook(), notice)).toMatchObject({
      delivered: false,
      attempts: 3,
      problem: 'the receiver answered 503',
    });
    receiver.answers.length = 0;
    receiver.answers.push(410);
    expect(await messenger().deliver(hook(), notice)).toMatchObject({
      delivered: false,
      attempts: 1,
      problem: 'the receiver answered 410',
    });
  });

  it('do not follow a redirect', async () => {
    receiver.answers.push(302);
    expect(await messenger().deliver(hook(), notice)).toMatchObject({ delivered: false, attempts: 1 });
    expect(receiver.calls.map(({ path }) => path)).toEqual(['/hook']);
  });

  it.each([
    'http://127.0.0.1:1/',
    'http://localhost/',
    'http://[::1]/',
    'http://10.0.0.1/',
    'http://169.254.169.254/latest',
    'http://[::ffff:127.0.0.1]/',
    'http://2130706433/',
    'http://0.0.0.0/',
  ])('do not go to %s unless the deployment allows private addresses', async (url) => {
    await expect(messenger({ allowPrivateHosts: false }).check({ type: 'slack', url })).rejects.toHaveCode('INVALID_REQUEST');
    expect(await messenger({ allowPrivateHosts: false, attempts: 1 }).deliver({ type: 'webhook', url }, notice)).toMatchObject({
      delivered: false,
    });
  });

  it('to Slack are a text', async () => {
    const slack = { type: 'slack' as const, url: receiver.url };
    await messenger().deliver(slack, notice);
    await messenger().deliver(slack, { ...notice, subject: 'a <!channel> & b' });
    expect(receiver.calls.map(({ body }) => JSON.parse(body) as object)).toEqual([
      { text: '*S*\nT' },
      { text: '*a &lt;!channel&gt; &amp; b*\nT' },
    ]);
  });

  it('by mail go to all, with the attachment', async () => {
    const attachment = { filename: 'r.csv', contentType: 'text/csv', content: Buffer.from('a,b\r\n1,2\r\n') };
    expect(
      await messenger().deliver(email('a@x.example', 'b@x.example'), { ...notice, subject: 'S\r\nBcc: c@x.example', attachment }),
    ).toMatchObject({ delivered: true, attempts: 1 });
    const [{ to, source }] = mail.mails as [MailServer['mails'][number]];
    expect(to).toEqual(['a@x.example', 'b@x.example']);
    expect(source).toContain(attachment.content.toString('base64'));
    expect(source).toContain('filename=r.csv');
    expect(source).not.toMatch(/^Bcc:/im);
  });

  it('by mail that bounces for one reach the others, once', async () => {
    mail.answers.set('gone@x.example', [550]);
    expect(await messenger().deliver(email('a@x.example', 'gone@x.example'), notice)).toMatchObject({
      delivered: false,
      attempts: 1,
      problem: 'refused for gone@x.example',
    });
    expect(mail.mails.map(({ to }) => to)).toEqual([['a@x.example']]);
  });

  it('by mail to someone whose server is busy are sent again to that one only', async () => {
    mail.answers.set('busy@x.example', [450]);
    expect(await messenger().deliver(email('a@x.example', 'busy@x.example'), notice)).toMatchObject({ delivered: true, attempts: 2 });
    expect(mail.mails.map(({ to }) => to)).toEqual([['a@x.example'], ['busy@x.example']]);
    mail.answers.set('gone@x.example', [550]);
    expect(await messenger().deliver(email('gone@x.example'), notice)).toMatchObject({ delivered: false, attempts: 1 });
  });

  it('by mail need a mail server', async () => {
    const none = messenger({ smtpUrl: undefined });
    await expect(none.check(email('a@x.example'))).rejects.toHaveCode('INVALID_REQUEST');
    expect(await none.deliver(email('a@x.example'), notice)).toMatchObject({ delivered: false, problem: 'e-mail is not configured' });
    const closed = messenger({ smtpUrl: 'smtp://127.0.0.1:1' });
    expect(await closed.deliver(email('a@x.example'), notice)).toMatchObject({ delivered: false, attempts: 3 });
  });
});

describe('a condition', () => {
  const steady = [10, 11, 9, 10, 12, 8, 10, 11];
  it.each([
    ['greater_than', 10, 11, [], true],
    ['greater_than', 10, 10, [], false],
    ['less_than', 10, 9, [], true],
    ['less_than', 10, 10, [], false],
    ['equals', 10, 10, [], true],
    ['equals', 10, 11, [], false],
    ['not_equals', 10, 11, [], true],
    ['not_equals', 10, 10, [], false],
    ['percentage_change', 20, 125, [100], true],
    ['percentage_change', 20, 75, [100], true],
    ['percentage_change', 20, 110, [100], false],
    ['percentage_change', 20, 110, [], false],
    ['percentage_change', 20, 5, [0], false],
    ['percentage_change', 50, 2, [-2], true],
    ['anomaly', null, 30, steady, true],
    ['anomaly', null, 12, steady, false],
    ['anomaly', null, 30, steady.slice(1), false],
    ['anomaly', null, 11, Array.from({ length: 8 }, () => 10), true],
    ['anomaly', 20, 30, steady, false],
  ] as const)('%s %p with %p after %j fires: %p', (operator, threshold, value, history, fired) => {
    expect(judge({ operator, threshold }, { value, history })).toEqual({ fired, message: expect.stringContaining(String(value)) });
  });
});

describe('alerts and reports', () => {
  let world: DashboardWorld;
  let receiver: Receiver;
  let mail: MailServer;
  const noon = new Date('2030-01-07T12:00:30Z');
  beforeAll(async () => {
    [receiver, mail] = await Promise.all([httpReceiver(), smtpServer()]);
    world = await dashboardWorld({ smtpUrl: mail.url });
    world.setTime(noon);
    await world.start();
  });
  afterAll(async () => {
    await world?.[Symbol.asyncDispose]();
    await Promise.all([receiver?.[Symbol.asyncDispose](), mail?.[Symbol.asyncDispose]()]);
  });
  beforeEach(() => {
    receiver.calls.length = 0;
    mail.mails.length = 0;
  });
  afterEach(() => {
    world.warehouse.failure = null;
  });

  const analyst = (): Caller => caller({ roles: ['analyst'] });
  const alert = (who: Caller, input: object = {}) =>
    world.services.alerts.create(who, {
      name: 'Revenue',
      metric: 'revenue',
      condition: { operator: 'greater_than', threshold: 100 },
      schedule: '0 9 * * 1',
      channels: [{ type: 'webhook', url: receiver.url }],
      ...input,
    });
  const due = (who: Caller, alertId: string) =>
    world.db.inTenant(who.tenantId, (tx) => world.jobs.enqueue(tx, { queue: alertQueue, tenantId: who.tenantId, payload: { alertId } }));
  const ran = (who: Caller, id: string, runs = 1) =>
    until(async () => {
      const history = await world.services.alerts.history(who, id);
      return history.length >= runs && history.every(({ state, deliveries }) => state !== 'fired' || (deliveries as unknown[]).length > 0)
        ? history
        : null;
    });

  it('tell once that a limit is passed, however often the job is repeated', async () => {
    const who = analyst();
    const { id } = await alert(who);
    const jobId = await due(who, id);
    const [first] = await ran(who, id);
    expect(first).toMatchObject({ state: 'fired', value: 4050, deliveries: [{ delivered: true }] });
    await world.db.asSystem((tx) =>
      sql`update jobs set state = 'queued', attempt = 0, run_at = now() - interval '1 day' where id = ${jobId}`.execute(tx),
    );
    await due(who, (await alert(who, { name: 'next' })).id);
    await until(async () => (await world.jobs.status(who.tenantId, jobId))?.state === 'completed' && receiver.calls.length >= 2);
    expect(receiver.calls.filter(({ body }) => (JSON.parse(body) as { alert_id: string }).alert_id === id)).toHaveLength(1);
    expect(await world.services.alerts.history(who, id)).toHaveLength(1);
  });

  it('are quiet while all is well, and while they are muted', async () => {
    const who = analyst();
    const calm = await alert(who, { condition: { operator: 'less_than', threshold: 1 } });
    const muted = await alert(who);
    await world.services.alerts.update(who, { alertId: muted.id, mutedUntil: '2100-01-01T00:00:00Z' });
    await Promise.all([due(who, calm.id), due(who, muted.id)]);
    expect([(await ran(who, calm.id))[0]!.state, (await ran(who, muted.id))[0]!.state]).toEqual(['ok', 'muted']);
    expect(receiver.calls).toEqual([]);
    expect(await world.services.alerts.find(who, muted.id)).toMatchObject({ lastState: 'muted', lastValue: 4050 });
    expect((await world.services.alerts.update(who, { alertId: muted.id, mutedUntil: null })).mutedUntil).toBeNull();
  });

  it('remember values between runs, for a change in per cent', async () => {
    const who = analyst();
    const { id } = await alert(who, { condition: { operator: 'percentage_change', threshold: 10 } });
    await due(who, id);
    expect((await ran(who, id))[0]).toMatchObject({ state: 'ok' });
    await world.warehouse.change("insert into sales values ('Europe', 'Lamp 1', 1000, timestamp '2024-01-01')");
    await due(who, id);
    const history = await ran(who, id, 2);
    expect(history.map(({ state, value }) => [state, value]).sort()).toEqual([
      ['fired', 5050],
      ['ok', 4050],
    ]);
    await world.warehouse.change('delete from sales where amount = 1000');
  });

  it('take a series as its own history, and nothing for no number', async () => {
    const who = analyst();
    const series =
      'select day, value from (values (1, 10), (2, 11), (3, 9), (4, 10), (5, 12), (6, 8), (7, 10), (8, 11), (9, 99)) as s(day, value)';
    const { id } = await alert(who, { metric: null, sql: series, condition: { operator: 'anomaly' } });
    expect(await world.services.alerts.test(who, id)).toMatchObject({
      state: 'test',
      value: 99,
      message: expect.stringContaining('robust z-score'),
    });
    const empty = await alert(who, {
      metric: null,
      sql: 'select sum(amount) as n from sales where amount < 0',
      condition: { operator: 'less_than', threshold: 1 },
    });
    await expect(world.services.alerts.test(who, empty.id)).rejects.toHaveCode('QUERY_FAILED');
  });

  it('watch the number that a widget shows, with the filters of its dashboard', async () => {
    const who = analyst();
    const dashboard = await world.services.dashboards.create(who, {
      name: 'd',
      filters: [{ field: 'region', operator: 'equals', values: ['Asia'] }],
    });
    const sqlOfRegion = { sql: 'select region, sum(amount) as revenue from sales group by region' };
    const { widget } = await world.services.widgets.add(who, { dashboardId: dashboard.id, ...metric, dataSource: sqlOfRegion });
    const { id } = await alert(who, { metric: null, widgetId: widget.id });
    const run = await world.services.alerts.test(who, id);
    expect(run).toMatchObject({ value: 1350, deliveries: [{ delivered: true }] });
    expect(JSON.parse(receiver.calls[0]!.body)).toMatchObject({
      type: 'alert',
      test: true,
      value: 1350,
      subject: 'Test of the alert: Revenue',
    });
    await world.services.dashboards.remove(who, dashboard.id);
    await due(who, id);
    await until(async () => (await world.services.alerts.find(who, id)).lastState === 'failed');
  });

  it('that could not be judged say so in their history', async () => {
    const who = analyst();
    const { id } = await alert(who, { metric: 'something nobody knows' });
    await due(who, id);
    expect((await ran(who, id))[0]).toMatchObject({ state: 'failed', value: null, message: expect.stringContaining('nobody knows') });
    expect(receiver.calls).toEqual([]);
  });

  it('that are off or gone do nothing', async () => {
    const who = analyst();
    const off = await alert(who, { enabled: false });
    const gone = await alert(who);
    await world.services.alerts.remove(who, gone.id);
    const jobs = [await due(who, off.id), await due(who, gone.id)];
    for (const job of jobs) await until(async () => (await world.jobs.status(who.tenantId, job))?.state === 'completed');
    expect([off.nextRunAt, await world.services.alerts.history(who, off.id), receiver.calls]).toEqual([null, [], []]);
  });

  it('are their owner’s and the administrators’: others find none, change none, and read no value', async () => {
    const who = analyst();
    const other = caller({ tenantId: who.tenantId, roles: ['analyst'] });
    const admin = caller({ tenantId: who.tenantId });
    const dashboard = await world.services.dashboards.create(who, { name: 'd' });
    const { id } = await alert(who);
    const schedule = await world.services.schedules.create(who, {
      dashboardId: dashboard.id,
      cron: '0 8 * * 1',
      format: 'csv',
      recipients: ['a@x.example'],
    });
    const { alerts, schedules } = world.services;
    for (const attempt of [
      () => alerts.find(other, id),
      () => alerts.update(other, { alertId: id, enabled: false }),
      () => alerts.test(other, id),
      () => alerts.history(other, id),
      () => alerts.remove(other, id),
      () => schedules.find(other, schedule.id),
      () => schedules.update(other, { scheduleId: schedule.id, recipients: ['thief@x.example'] }),
      () => schedules.remove(other, schedule.id),
      () => alerts.find(caller(), id),
    ])
      await expect(attempt()).rejects.toHaveCode('NOT_FOUND');
    expect([await alerts.list(other), await schedules.list(other)]).toEqual([[], []]);
    expect([(await alerts.list(admin)).length, (await schedules.list(admin)).length]).toEqual([1, 1]);
    expect(await schedules.find(who, schedule.id)).toMatchObject({ recipients: ['a@x.example'] });
    await expect(alert(caller({ roles: ['viewer'] }))).rejects.toHaveCode('FORBIDDEN');
  });

  it('change in every part', async () => {
    const who = analyst();
    const { id } = await alert(who);
    const changed = await world.services.alerts.update(who, {
      alertId: id,
      name: 'n',
      condition: { operator: 'less_than', threshold: 3 },
      schedule: '0 10 * * *',
      timezone: 'Asia/Tokyo',
      channels: [],
    });
    expect(changed).toMatchObject({
      name: 'n',
      definition: { condition: { operator: 'less_than', threshold: 3 }, channels: [], metric: 'revenue' },
    });
    expect(changed.nextRunAt!.getUTCHours()).toBe(1);
  });

  it.each([
    ['a cron that never fires', { schedule: '0 0 30 2 *' }],
    ['four fields', { schedule: '0 0 30 2' }],
    ['no cron', { schedule: 'every monday' }],
    ['an unknown time zone', { timezone: 'Mars/Olympus' }],
    ['two things to watch', { sql: 'select 1' }],
    ['an unknown operator', { condition: { operator: 'looks_odd', threshold: 1 } }],
    ['no threshold', { condition: { operator: 'greater_than' } }],
    ['a file address', { channels: [{ type: 'webhook', url: 'file:///etc/passwd' }] }],
    ['no mail address', { channels: [{ type: 'email', to: ['nobody'] }] }],
  ])('are refused with %s, and nothing is kept', async (_what, input) => {
    const who = analyst();
    await expect(alert(who, input)).rejects.toHaveCode('INVALID_REQUEST');
    expect(await world.services.alerts.list(who)).toEqual([]);
  });

  it('send a dashboard by mail when it is due, once for all that was missed', async () => {
    const who = analyst();
    const dashboard = await world.services.dashboards.create(who, { name: 'Weekly sales' });
    await world.services.widgets.add(who, { dashboardId: dashboard.id, ...metric });
    const { id, nextRunAt } = await world.services.schedules.create(who, {
      dashboardId: dashboard.id,
      cron: '0 9 * * 1',
      timezone: 'Europe/Berlin',
      format: 'csv',
      recipients: ['boss@x.example', 'gone@x.example'],
    });
    expect(nextRunAt).toBeInstanceOf(Date);
    mail.answers.set('gone@x.example', [550]);
    // Three Mondays pass unseen.
    world.setTime(new Date(noon.getTime() + 22 * 86_400_000));
    const history = await until(async () => {
      const runs = await world.services.schedules.history(who, id);
      return runs.some(({ state }) => state !== 'sending') ? runs : null;
    });
    expect(history).toMatchObject([{ state: 'failed', message: 'refused for gone@x.example', deliveries: [{ attempts: 1 }] }]);
    const received = mail.mails.filter(({ to }) => to.includes('boss@x.example'));
    expect(received).toHaveLength(1);
    expect(received[0]!.source).toContain('Weekly-sales.csv');
  });

  it('that cannot be made say so in their history', async () => {
    const who = analyst();
    const dashboard = await world.services.dashboards.create(who, { name: 'd' });
    const { id } = await world.services.schedules.create(who, {
      dashboardId: dashboard.id,
      cron: '0 9 * * 1',
      format: 'pdf',
      recipients: ['never@x.example'],
    });
    await world.services.dashboards.remove(who, dashboard.id);
    await world.db.inTenant(who.tenantId, (tx) =>
      world.jobs.enqueue(tx, { queue: 'dashboards.report', tenantId: who.tenantId, payload: { scheduleId: id } }),
    );
    const [run] = await until(async () => {
      const runs = await world.services.schedules.history(who, id);
      return runs.length > 0 ? runs : null;
    });
    expect(run).toMatchObject({ state: 'failed', message: expect.stringContaining('dashboard') });
    // Reports of other people, due since the clock was moved, may still go out.
    expect(mail.mails.filter(({ to }) => to.includes('never@x.example'))).toEqual([]);
  });

  it('of another tenant’s dashboard cannot be scheduled', async () => {
    const dashboard = await world.services.dashboards.create(analyst(), { name: 'd', visibility: 'public' });
    const refused = world.services.schedules.create(analyst(), {
      dashboardId: dashboard.id,
      cron: '0 9 * * 1',
      format: 'pdf',
      recipients: ['a@x.example'],
    });
    await expect(refused).rejects.toHaveCode('NOT_FOUND');
  });
});
