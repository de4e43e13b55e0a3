import { testDatabase } from '../../test/kit/database';
import { until } from '../../test/kit/until';

import { createCron, createJobQueue } from '#platform/jobs';

it('jobs', async () => {
  await using db = await testDatabase();
  let ahead = 0;
  const clock = () => new Date(Date.now() + ahead);
  const jobs = createJobQueue({ db, clock });
  const seen: unknown[] = [];
  jobs.work('q', async (job) => { seen.push(job.payload); });
  await jobs.start();
  let t = performance.now();
  const id = await db.inTenant('a', (tx) => jobs.enqueue(tx, { queue: 'q', tenantId: 'a', payload: { n: 1 } }));
  await until(() => seen.length === 1, { everyMs: 1 });
  console.log(performance.now() - t);
  await until(async () => (await jobs.status('a', id))?.state === 'completed');
  const cron = createCron({ db, jobs, clock });
  await db.inTenant('a', (tx) => cron.put(tx, { key: 'k', tenantId: 'a', queue: 'q', cron: '* * * * *', timezone: 'Europe/Berlin', payload: 'x', enabled: true }));
  ahead = 120_000;
  await cron.start();
  await until(() => seen.length === 2, { everyMs: 1 });
  await cron.stop();
  await jobs.stop();
});
