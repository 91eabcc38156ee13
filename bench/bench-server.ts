import { type App, openApp } from '../packages/server/src/app.ts';
import { readConfig } from '../packages/server/src/config.ts';
import { stopCounting } from './without-counters.ts';

// The production server, with its counters on or off.
const app: App = await openApp(readConfig());
if (process.argv[2] === 'without-counters') stopCounting(app);
await app.work();
console.log(`ready ${await app.listen()}`);
process.once('SIGTERM', () => app.close().then(() => process.exit(0)));
