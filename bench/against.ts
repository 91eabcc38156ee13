import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Client, createClient } from '@colloquy/sdk';
import { CALL_EVENTS } from './call-events.ts';
import { type BenchDatabase, startDatabase } from './database.ts';
import { type Forked, startForked } from './forked.ts';
import type { Load, Source } from './load-generator.ts';
import { longConversation, longId } from './long-conversations.ts';
import { compareInRounds, type Measured, medianOf, ratioOf } from './measured.ts';
import { initiateBody, leaseCall, reportOf } from './queued-calls.ts';
import { API_KEY, productionProgram, type ServerProcess, startServer } from './server-process.ts';
import { appendEvents, getConversation, getConversations } from './setup.ts';
import { formatTable, isReached, type Result } from './table.ts';

const ROOT = join(import.meta.dirname, '..');
const MIN_RATIO = 0.95;
const CONNECTIONS = 16;
const WORKERS = 50;
const APPEND_STEPS = 4;
const EVENTS_PER_STEP = 10;
const MAX_MILLISECONDS = 120_000;

interface Sizes {
  readonly rounds: number;
  readonly milliseconds: number;
  readonly conversations: number;
  readonly calls: number;
}
const FULL: Sizes = { rounds: 7, milliseconds: 3_000, conversations: 2_000, calls: 4_000 };
const QUICK: Sizes = { rounds: 3, milliseconds: 1_000, conversations: 300, calls: 500 };

/** One of the two builds, with its own database on the same PostgreSQL. */
interface Build {
  readonly server: ServerProcess;
  readonly api: Client;
  readonly businessId: number;
}

/**
 * Runs this build and the build of a commit in turns and prints the ratio of their throughputs.
 *
 * @returns false if this build is slower than 0.95 of the other in one of the rows.
 */
export async function measureAgainst(commit: string, isQuick: boolean): Promise<boolean> {
  const sizes = isQuick ? QUICK : FULL;
  await using closing = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'colloquy-against-'));
  closing.defer(() => rm(folder, { recursive: true, force: true }));
  const other = closing.use(await checkOut(commit, join(folder, 'checkout')));
  const database = closing.use(await startDatabase(folder));
  const start = async (root: string, name: string) =>
    closing.use(await startBuild(database, join(folder, name), root, name));
  const ours = await start(ROOT, 'this_build');
  const theirs = await start(other.root, 'other_build');
  for (const build of [ours, theirs]) await putConversations(build, sizes.conversations);
  await database.sql.query('CHECKPOINT');
  const generator = closing.use(startForked<Load, Measured>('./load-generator.ts'));
  const results: Result[] = [];
  for (const [work, run] of rowsOf(generator, sizes)) {
    console.error(`measuring ${work}`);
    const compared = await compareInRounds(
      sizes.rounds,
      () => run(ours),
      () => run(theirs),
    );
    const perSecond = (side: readonly Measured[]) => medianOf(side, 'perSecond').toFixed(0);
    results.push({
      work,
      comparedWith: other.name,
      measured: `${perSecond(compared.ours)} : ${perSecond(compared.theirs)} requests/s`,
      ratio: ratioOf(compared, 'perSecond'),
      limit: { atLeast: MIN_RATIO },
    });
  }
  console.log(
    `\n${formatTable(results)}\n\n${sizes.rounds} rounds on ${availableParallelism()} cores; ratios are medians.`,
  );
  return isQuick || results.every(isReached);
}

type Row = readonly [work: string, run: (build: Build) => Promise<Measured>];

function rowsOf(generator: Forked<Load, Measured>, sizes: Sizes): Row[] {
  let round = 0;
  const until = { milliseconds: sizes.milliseconds };
  const load = (
    { server }: Build,
    connections: number,
    source: Source,
    more: Load['until'] = until,
  ) => generator.ask({ port: server.port, connections, source, until: more });
  const business = ({ businessId }: Build) => ({ businessId, count: sizes.conversations });
  const ids = Array.from({ length: sizes.conversations }, (_, index) => longId(index + 1));
  const groups = Array.from({ length: APPEND_STEPS }, (_, step) =>
    CALL_EVENTS.slice(step * EVENTS_PER_STEP, (step + 1) * EVENTS_PER_STEP),
  );
  return [
    [
      'GetConversation',
      (build) => {
        const requests = ids.map((id) => getConversation(business(build), id));
        return load(build, CONNECTIONS, { kind: 'cycle', requests });
      },
    ],
    [
      'GetConversations, 20 of a status',
      (build) => {
        const Filter = { SessionStates: ['Completed'] };
        const requests = [getConversations(business(build), { Limit: 20, Filter })];
        return load(build, CONNECTIONS, { kind: 'cycle', requests });
      },
    ],
    [
      'AppendConversationEvents, 10 events',
      (build) => {
        const steps = groups.map((events) => appendEvents(business(build), events));
        const prefix = `append-${round++}`;
        return load(build, 2 * CONNECTIONS, { kind: 'calls', steps, prefix });
      },
    ],
    [
      'LeaseOutboundCalls and CompleteOutboundCall',
      async (build) => {
        const body = initiateBody('spring', 0, sizes.calls);
        await build.api.initiateCall({ businessId: build.businessId, ...body });
        const report = reportOf(business(build), 'complete');
        const lease = leaseCall(business(build));
        const source = { kind: 'work', timed: 'call', lease, report } as const;
        return load(build, WORKERS, source, { milliseconds: MAX_MILLISECONDS });
      },
    ],
  ];
}

/** A work tree of a commit with its dependencies; removed at the end. */
async function checkOut(
  commit: string,
  root: string,
): Promise<{ readonly root: string; readonly name: string } & AsyncDisposable> {
  const run = promisify(execFile);
  const { stdout } = await run('git', ['rev-parse', '--short', `${commit}^{commit}`], {
    cwd: ROOT,
  });
  const name = stdout.trim();
  console.error(`installing ${name}`);
  await run('git', ['worktree', 'add', '--detach', root, name], { cwd: ROOT });
  await run('sh', ['scripts/install.sh'], { cwd: root });
  return {
    root,
    name,
    async [Symbol.asyncDispose]() {
      await run('git', ['worktree', 'remove', '--force', root], { cwd: ROOT });
    },
  };
}

async function startBuild(
  database: BenchDatabase,
  folder: string,
  root: string,
  name: string,
): Promise<Build & AsyncDisposable> {
  await mkdir(folder);
  await database.sql.query(`CREATE DATABASE ${name}`);
  const url = new URL(database.url);
  url.pathname = `/${name}`;
  const server = await startServer({
    databaseUrl: url.href,
    folder,
    program: productionProgram(root),
  });
  const api = createClient({ baseUrl: server.url, apiKey: API_KEY });
  const { BusinessId: businessId } = await api.createBusiness({ Name: name });
  return {
    server,
    api,
    businessId,
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

async function putConversations({ api, businessId }: Build, count: number): Promise<void> {
  for (let number = 1; number <= count; number += CONNECTIONS) {
    const numbers = Array.from(
      { length: Math.min(CONNECTIONS, count - number + 1) },
      (_, at) => number + at,
    );
    await Promise.all(
      numbers.map((each) =>
        api.putConversation({
          businessId,
          sessionId: longId(each),
          ...longConversation(each),
        } as unknown as Parameters<Client['putConversation']>[0]),
      ),
    );
  }
}
