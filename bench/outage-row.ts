import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { openProxy, urlThrough } from '../test/servers/tcp-proxy.ts';
import { median } from './measured.ts';
import { startServer } from './server-process.ts';
import { AUTHORIZATION, type BenchSetup } from './setup.ts';
import type { Result } from './table.ts';

const REQUESTS = 64;

/** The time to a 503 if packets to the database are lost, and to the first success after its return. */
export async function measureOutage({
  database,
  folder,
  options,
  say,
}: BenchSetup): Promise<Result[]> {
  say('outage: packets to the database vanish');
  const first: number[] = [];
  const known: number[] = [];
  const back: number[] = [];
  for (let round = 0; round < (options.quick ? 1 : 3); round += 1) {
    await using proxy = await openProxy(database.connection);
    const own = join(folder, `outage-${round}`);
    await mkdir(own, { recursive: true });
    const databaseUrl = urlThrough(proxy.port, database.connection);
    await using server = await startServer({ databaseUrl, folder: own });
    const slowest = () => slowestRefusal(server.url);
    await fetch(`${server.url}/readyz`);
    proxy.silence();
    first.push(await slowest());
    known.push(await slowest());
    proxy.forward('all');
    const begin = performance.now();
    while ((await fetch(`${server.url}/readyz`)).status !== 200);
    back.push(performance.now() - begin);
  }
  const result = (work: string, times: readonly number[], atMost: number): Result => ({
    work,
    comparedWith: '',
    measured: `median of ${times.length} rounds, worst ${Math.max(...times).toFixed(0)} ms`,
    ratio: median(times),
    limit: { atMost },
    unit: 'ms',
  });
  return [
    result('The slowest of 64 requests gets its 503 when the database falls silent', first, 5_000),
    result('The same once the outage is known', known, 1_000),
    result('The server is ready after the database is back', back, 5_000),
  ];
}

async function slowestRefusal(url: string): Promise<number> {
  const times = await Promise.all(
    Array.from({ length: REQUESTS }, async () => {
      const begin = performance.now();
      const { status } = await fetch(`${url}/api/v1/admin/users`, { headers: AUTHORIZATION });
      if (status !== 503) throw new Error(`the server answered ${status} without a database`);
      return performance.now() - begin;
    }),
  );
  return Math.max(...times);
}
