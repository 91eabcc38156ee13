import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { type ServerProcess, startServer, until } from '../servers/server-process.ts';
import { openProxy, urlThrough } from '../servers/tcp-proxy.ts';
import { testDatabase } from '../servers/test-server.ts';
import { openFrontDoor } from './front-door.ts';
import { MixedLoad } from './mixed-load.ts';
import { proofSettings, randomFrom, reportProof } from './proof.ts';

const isLong = process.env.SOAK === 'long';
const { rounds: kills, seed, timeoutMs } = proofSettings(2, 30);
const SERVERS = 2;
const BUSINESSES = [2001, 2002, 2003];
const KILL_SECONDS = 20;
/** Three times as long as the kills: 30 minutes without kills, then 10 minutes with kills. */
const QUIET_SECONDS = kills * KILL_SECONDS * 3;
const SAMPLE_MILLISECONDS = 2_000;
const MAX_GROWTH = 1.05;
const KIB_PER_MIB = 1024;

test(
  'under mixed load memory does not grow, and kills of servers lose no acknowledged event',
  async () => {
    try {
      await proveMixed();
    } catch (error) {
      throw new Error(`seed ${seed}`, { cause: error });
    }
  },
  timeoutMs,
);

async function proveMixed(): Promise<void> {
  await using closing = new AsyncDisposableStack();
  const { DATABASE_URL } = await databaseOf(closing);
  const door = closing.use(await openFrontDoor());
  const DATA_DIR = await mkdtemp(join(tmpdir(), 'colloquy-mixed-'));
  closing.defer(() => rm(DATA_DIR, { recursive: true }));
  const servers: ServerProcess[] = [];
  const start = async (at: number) => {
    const settings = { DATABASE_URL, DATA_DIR, SEAL_AFTER_SECONDS: '1' };
    servers[at] = await startServer(settings);
    door.leadTo(...servers.map(({ url }) => url));
  };
  closing.defer(async () => {
    for (const server of servers) await server[Symbol.asyncDispose]();
  });
  for (let at = 0; at < SERVERS; at += 1) await start(at);
  for (const BusinessId of BUSINESSES) {
    await servers[0]?.admin.createBusiness({ BusinessId, Name: 'Mixed' });
  }
  const load = closing.use(new MixedLoad(door.url, BUSINESSES, seed));

  const memory = await watchMemory(servers, load);
  await load.compare();
  const random = randomFrom(seed);
  for (let kill = 0; kill < kills; kill += 1) {
    const { events } = load.done;
    if (isLong) await sleep(KILL_SECONDS * 1000);
    await until(() => load.isFailed || load.done.events > events + 50);
    const at = Math.floor(random() * SERVERS);
    await servers[at]?.end('SIGKILL');
    await start(at);
  }
  await load.finish();
  const { events, reads, calls, conversations } = load.done;
  reportProof(
    `${SERVERS} servers: ${memory}; then ${kills} kills of a random one; ${events} events in ${conversations} ` +
      `conversations, ${reads} reads, ${calls} calls of queues: every acknowledged message is stored once and in order, seed ${seed}`,
  );
}

async function databaseOf(closing: AsyncDisposableStack) {
  const { connection } = closing.use(await testDatabase());
  const proxy = closing.use(await openProxy(connection));
  return { DATABASE_URL: urlThrough(proxy.port, connection) };
}

/** The resident memory of the servers without kills; the short form only waits for some work. */
async function watchMemory(servers: readonly ServerProcess[], load: MixedLoad): Promise<string> {
  if (!isLong) {
    await until(() => load.isFailed || (load.done.events > 300 && load.done.calls > 5));
    return 'memory is watched in the long form';
  }
  const samples: number[] = [];
  const begin = performance.now();
  while (performance.now() - begin < QUIET_SECONDS * 1000 && !load.isFailed) {
    samples.push(await memoryOf(servers));
    await sleep(SAMPLE_MILLISECONDS);
    // Keeps the list of what is to be compared short.
    if (samples.length % 30 === 0) await load.compare();
  }
  const mean = (from: number, to: number) => {
    const some = samples.slice(samples.length * from, samples.length * to);
    return some.reduce((sum, one) => sum + one, 0) / some.length;
  };
  // Minutes 5 to 15, and the last 10, of 30.
  const [early, late] = [mean(1 / 6, 1 / 2), mean(2 / 3, 1)];
  expect(late / early, `${early} KiB, then ${late} KiB`).toBeLessThanOrEqual(MAX_GROWTH);
  const mib = (kib: number) => (kib / KIB_PER_MIB / servers.length).toFixed(0);
  const minutes = (QUIET_SECONDS / 60).toFixed(0);
  return `${minutes} minutes with ${mib(early)}, later ${mib(late)} MiB each (${(late / early).toFixed(2)})`;
}

async function memoryOf(servers: readonly ServerProcess[]): Promise<number> {
  let sum = 0;
  for (const { pid } of servers) {
    const status = await readFile(`/proc/${pid}/status`, 'utf8');
    sum += Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]);
  }
  return sum;
}
