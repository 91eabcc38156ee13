import { Gauge } from 'prom-client';
import { type App, openApp } from '../packages/server/src/app.ts';
import { readConfig } from '../packages/server/src/config.ts';
import { stopCounting } from './without-counters.ts';

// The production server, with its counters on or off.
const app: App = await openApp(readConfig());
if (process.argv[2] === 'without-counters') stopCounting(app);
if (globalThis.gc) showMemory(app, globalThis.gc);
await app.work();
console.log(`ready ${await app.listen()}`);
process.once('SIGTERM', () => app.close().then(() => process.exit(0)));

/** With --expose-gc, /metrics has the bytes in use after a collection. */
function showMemory({ ctx }: App, collectGarbage: () => void): void {
  new Gauge({
    name: 'bench_bytes_in_use',
    help: 'Bytes of heap and buffers after a collection',
    registers: [ctx.metrics.registry],
    collect() {
      collectGarbage();
      const { heapUsed, external } = process.memoryUsage();
      this.set(heapUsed + external);
    },
  });
}
