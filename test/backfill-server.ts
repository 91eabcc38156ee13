// A server with the synthetic backfills, for tests that kill it.
import { openApp } from '../packages/server/src/app.ts';
import { readConfig } from '../packages/server/src/config.ts';
import { visitByComputing, visitByStatement } from './synthetic-backfills.ts';

const app = await openApp(readConfig(), { backfills: [visitByStatement, visitByComputing] });
await app.work();
console.log(`ready ${await app.listen()}`);
process.on('SIGTERM', async () => {
  await app.close();
  process.exit(0);
});
