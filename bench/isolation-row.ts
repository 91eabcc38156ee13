import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startForked } from './forked.ts';
import type { Attacked, AttackOrder } from './isolation-attacker.ts';
import { ATTACKS, type Attack } from './isolation-attacks.ts';
import { type IsolationData, loadIsolation } from './isolation-data.ts';
import type { Probed, ProbeOrder } from './isolation-probe.ts';
import { MemoryWatch } from './memory.ts';
import { type ServerProcess, startServer } from './server-process.ts';
import { AUTHORIZATION, type BenchSetup, getConversation } from './setup.ts';
import { alignTable, type Result } from './table.ts';

const MAX_RATIO = 5;
const MAX_DELAY_MILLISECONDS = 100;
const MAX_MEBIBYTES = 1024;
const QUIET_MILLISECONDS = 5_000;

interface Measured {
  readonly attack: Attack;
  readonly quiet: Probed;
  readonly probed: Probed;
  readonly attacked: Attacked;
  /** The longest block of the server's event loop. */
  readonly delayMilliseconds: number;
  readonly mebibytes: number;
}

/** Each attack on a fresh server, during a probe of another business, compared with a quiet probe. */
export async function measureIsolation(
  setup: BenchSetup,
): Promise<{ results: Result[]; detail: string }> {
  const data = await loadIsolation(setup);
  const measured: Measured[] = [];
  const chosen = new RegExp(process.env.ISOLATION_ATTACKS ?? '', 'i');
  for (const attack of ATTACKS.filter(({ name }) => chosen.test(name))) {
    setup.say(`isolation: ${attack.name}`);
    const one = await measureAttack(setup, data, attack);
    setup.say(`  ${lineOf(one).slice(1).join(' | ')}`);
    measured.push(one);
  }
  return { results: resultsOf(measured), detail: alignTable([HEADINGS, ...measured.map(lineOf)]) };
}

async function measureAttack(
  { database, folder, options }: BenchSetup,
  { target, probed, probedId }: IsolationData,
  attack: Attack,
): Promise<Measured> {
  const ownFolder = join(folder, 'isolation');
  await mkdir(ownFolder, { recursive: true });
  await using server = await startServer({ databaseUrl: database.url, folder: ownFolder });
  await using probe = startForked<ProbeOrder, Probed | null>('./isolation-probe.ts');
  await using attacker = startForked<AttackOrder, Attacked>('./isolation-attacker.ts');
  using memory = new MemoryWatch(server.pid);
  const order: AttackOrder = {
    attack: ATTACKS.indexOf(attack),
    requests: options.quick ? attack.quickRequests : attack.requests,
    target: { ...target, port: server.port },
    isRehearsal: true,
  };
  await attacker.ask(order);
  const request = getConversation(probed, probedId);
  const during = async <T>(work: Promise<T>): Promise<[Probed, T]> => {
    await probe.ask({ kind: 'start', port: server.port, request });
    const done = await work;
    const result = await probe.ask({ kind: 'stop' });
    if (result === null) throw new Error('the probe was not running');
    return [result, done];
  };
  // Warms up V8 first.
  await during(sleep(QUIET_MILLISECONDS / 2));
  const [quiet] = await during(sleep(QUIET_MILLISECONDS));
  await readDelay(server);
  const [beside, attacked] = await during(attacker.ask({ ...order, isRehearsal: false }));
  const delayMilliseconds = await readDelay(server);
  return { attack, quiet, probed: beside, attacked, delayMilliseconds, mebibytes: memory.largest };
}

const DELAY = /^nodejs_eventloop_lag_max_seconds (\S+)$/m;

/** The longest delay since the previous reading, in milliseconds. */
async function readDelay({ url }: ServerProcess): Promise<number> {
  const answer = await fetch(`${url}/metrics`, { headers: AUTHORIZATION });
  const seconds = DELAY.exec(await answer.text())?.[1];
  if (seconds === undefined) throw new Error('/metrics does not tell the delay of the event loop');
  return Number(seconds) * 1000;
}

const ratioOf = ({ probed, quiet }: Measured) => probed.p99 / quiet.p99;

function isIsolated(one: Measured): boolean {
  const { delayMilliseconds, probed } = one;
  return (
    probed.failures === 0 &&
    ratioOf(one) <= MAX_RATIO &&
    delayMilliseconds <= MAX_DELAY_MILLISECONDS &&
    one.mebibytes <= MAX_MEBIBYTES
  );
}

const HEADINGS = [
  'attack',
  'quiet p50 / p99',
  'beside it p50 / p99 / max',
  'ratio of p99',
  'failures',
  'answers to the attacker',
  'event loop',
  'memory',
  'verdict',
];

function lineOf(one: Measured): string[] {
  const { attack, attacked, delayMilliseconds, mebibytes, probed, quiet } = one;
  const statuses = Object.entries(attacked.statuses).map(([status, n]) => `${n} × ${status}`);
  return [
    attack.name,
    `${quiet.p50.toFixed(1)} / ${quiet.p99.toFixed(1)} ms`,
    `${probed.p50.toFixed(1)} / ${probed.p99.toFixed(1)} / ${probed.max.toFixed(0)} ms`,
    ratioOf(one).toFixed(1),
    `${probed.failures} of ${probed.requests}`,
    `${statuses.join(', ')} in ${attacked.seconds.toFixed(1)} s`,
    `${delayMilliseconds.toFixed(0)} ms`,
    `${mebibytes.toFixed(0)} MiB`,
    isIsolated(one) ? 'reached' : 'MISSED',
  ];
}

function resultsOf(measured: readonly Measured[]): Result[] {
  const worst = (value: (one: Measured) => number) => Math.max(...measured.map(value));
  const work = 'GetConversation of another business during the worst of the attacks below';
  return [
    {
      work,
      comparedWith: 'the same on a quiet server',
      measured: 'p99',
      ratio: worst(ratioOf),
      limit: { atMost: MAX_RATIO },
    },
    {
      work,
      comparedWith: '',
      measured: 'requests that failed',
      ratio: worst(({ probed }) => probed.failures),
      limit: { atMost: 0 },
    },
    {
      work: 'The event loop of the server during the worst of the attacks',
      comparedWith: '',
      measured: 'longest delay',
      ratio: worst(({ delayMilliseconds }) => delayMilliseconds),
      limit: { atMost: MAX_DELAY_MILLISECONDS },
      unit: 'ms',
    },
    {
      work: 'Resident memory of the server during the worst of the attacks',
      comparedWith: '',
      measured: 'largest of VmRSS',
      ratio: worst(({ mebibytes }) => mebibytes),
      limit: { atMost: MAX_MEBIBYTES },
      unit: 'MiB',
    },
  ];
}
