import { testDatabase } from '../../test/kit/database';
import { until } from '../../test/kit/until';

import { appendToOutbox, createMemoryEventLog, startOutboxRelay } from '#platform/events';

it('relay', async () => {
  await using db = await testDatabase();
  const log = createMemoryEventLog();
  const relay = startOutboxRelay({ db, log });
  const topic = { tenantId: 'a', name: 't' };
  const reader = log.follow(topic, 0);
  await db.inTenant('a', (tx) => appendToOutbox(tx, { tenantId: 'a', topic: 't', type: 'x.y', data: { a: 1 } }));
  expect((await reader.next()).value).toMatchObject({ sequence: 1, type: 'x.y', data: { a: 1 } });
  await until(() => db.asSystem((tx) => tx.selectFrom('outbox' as never).selectAll().execute()).then((r) => r.length === 0));
  await relay.stop();
  await log.close();
});
