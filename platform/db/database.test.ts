import { testDatabase } from '../../test/kit/database';

it('opens in memory, migrates and runs as the application role', async () => {
  await using db = await testDatabase();
  await db.ping();
});
it('opens fast', async () => {
  await using db = await testDatabase();
  await db.ping();
});
