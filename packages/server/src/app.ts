import type { AddressInfo } from 'node:net';
import { availableParallelism } from 'node:os';
import type { FastifyInstance } from 'fastify';
import { type Logger, pino } from 'pino';
import { startChaining } from './access/audit/chain.ts';
import { type Authorizer, openAuthorizer } from './access/authorization/authorizer.ts';
import type { Scope } from './access/authorization/scope.ts';
import { createFirstLink } from './access/sign-in/links.ts';
import { loadLibraryLazily, openSessions } from './access/sign-in/sessions.ts';
import { openSingleSignOn } from './access/sign-in/single-sign-on.ts';
import { bootstrapAccess } from './access/users/bootstrap.ts';
import { refuseHalfRestored } from './backup/restoring.ts';
import { openBlobs } from './blobs/open-blobs.ts';
import { changesTopic, startNumbering } from './changes/log.ts';
import { loadDemo } from './commands/demo.ts';
import type { Config } from './config.ts';
import { openAssemblyRequests } from './connectors/assembly/request.ts';
import { connectorMetrics } from './connectors/metrics.ts';
import type { Context } from './context.ts';
import { conversationMetrics } from './conversations/metrics.ts';
import { QuotaGuard } from './conversations/usage/quotas.ts';
import { LiveCache } from './conversations/write/live-cache.ts';
import { startCounting, type Written } from './counters/counts.ts';
import type { ArrivalLimits } from './http/input/arrival-limits.ts';
import { maskHandlers } from './http/masked-reader.ts';
import type { AnswerObserver } from './http/observe-answers.ts';
import { buildHealthServer, buildServer } from './http/server.ts';
import { checkReachableNodes } from './kernel/citus/check-cluster.ts';
import { systemClock } from './kernel/clock.ts';
import { type FairShareOptions, openFairShare } from './kernel/fair-share/fair-share.ts';
import { isFullDisk } from './kernel/full-disk.ts';
import { type Backfill, type Backfills, openBackfills } from './kernel/jobs/backfill.ts';
import { RUN_BACKFILLS } from './kernel/jobs/backfill-store.ts';
import { addJobGauges } from './kernel/jobs/job-metrics.ts';
import { prepareJobs, startJobs } from './kernel/jobs/jobs.ts';
import { createMetrics } from './kernel/metrics.ts';
import type { Database } from './kernel/postgres/database.ts';
import { migrate } from './kernel/postgres/migrate.ts';
import { type Notifier, openNotifier } from './kernel/postgres/notifier.ts';
import { openConnection } from './kernel/postgres/open-connection.ts';
import { type ConnectionConfig, openDatabase } from './kernel/postgres/open-database.ts';
import { deriveSecrets, keepSecret } from './kernel/secrets.ts';
import { StartError } from './kernel/start-error.ts';
import { openThreads } from './kernel/threads/threads.ts';
import { isCallUnderWay } from './queues/calls/call-store.ts';
import { startWatching } from './queues/lease/expire.ts';
import {
  COUNTED_TABLES,
  minuteJobs,
  namedJobs,
  type RoomContext,
  roomBackfills,
  roomHandlers,
} from './rooms.ts';
import { addStreamGauge } from './streams/metrics.ts';
import { Streams } from './streams/streams.ts';
import { openLedger, openLedgerPlace } from './tombstones/ledger.ts';
import { addWebhookGauges } from './webhooks/metrics.ts';
import { startWebhooks } from './webhooks/sending/runner.ts';

/** Of the pool. The event loop uses no more; each would plan again what others have planned. */
const CONNECTIONS = Math.min(16, 2 + 2 * availableParallelism());
const AUDIO_THREADS = 3;
const AUDIO_HEAP_MB = 256;

export interface Overrides extends Partial<Pick<Context, 'clock' | 'log'>> {
  readonly arrival?: ArrivalLimits;
  readonly maxInlineBodyBytes?: number;
  readonly onAnswer?: AnswerObserver | undefined;
  /** A PostgreSQL that is already running. */
  readonly connection?: ConnectionConfig;
  readonly backfills?: readonly Backfill[];
  readonly lookAgainMs?: number;
  readonly share?: FairShareOptions;
}

/** Opens all parts of a process in the order of their dependencies. Throws StartError for the operator. */
export async function openApp(config: Config, overrides: Overrides = {}): Promise<App> {
  const closing = new AsyncDisposableStack();
  try {
    const log = overrides.log ?? pino({ level: config.logLevel }, logDestination());
    const connection = overrides.connection ?? (await openConnection(config, log, closing));
    const db = await openMigrated(config, connection, log, closing);
    const clock = overrides.clock ?? systemClock;
    const blobs = await openBlobs(config, { clock, log });
    closing.defer(() => blobs.close());
    const ledger = await openLedger(db, await openLedgerPlace(config), log);
    closing.defer(() => ledger.close());
    const secrets = deriveSecrets(config.secret ?? (await keepSecret(config.dataDir)));
    const parts = { config, db, log, clock, blobs, ledger, secrets };
    const notifier = openNotifier(db, log, overrides.lookAgainMs);
    closing.defer(() => notifier.close());
    const base = composeContext(parts, closing, { share: overrides.share, notifier });
    const address = { url: config.publicUrl ?? `http://${config.host}:${config.port}` };
    const streams = new Streams({ ...base, notifier });
    const assembly = openAssemblyRequests(db, log);
    closing.defer(() => assembly.close());
    const ctx = {
      ...{ ...base, notifier, streams, assembly },
      connectorMetrics: connectorMetrics(base.metrics.registry),
      publicUrl: () => address.url,
    };
    const authorizer = await openAuthorizer(ctx);
    closing.defer(() => authorizer.close());
    if (config.demo) await loadDemo(ctx);
    return new App({ ctx, authorizer, connection, closing, overrides, address });
  } catch (error) {
    // Closing fails for the same reason if the disk is full.
    await closing.disposeAsync().catch((failure: unknown) => {
      if (!isFullDisk(error)) throw failure;
    });
    throw isFullDisk(error) ? fullDisk(config, error) : error;
  }
}

interface Composing {
  readonly share?: FairShareOptions | undefined;
  /** Without one, no readers of the change log are woken. */
  readonly notifier?: Notifier;
}

export function composeContext<
  Parts extends Pick<Context, 'config' | 'db' | 'log' | 'clock' | 'blobs' | 'secrets'>,
>(parts: Parts, closing: AsyncDisposableStack, { share, notifier }: Composing = {}) {
  const { config, db, log } = parts;
  const { pool } = db;
  const metrics = createMetrics(() => {
    return { total: pool.totalCount, idle: pool.idleCount, waiting: pool.waitingCount };
  });
  const threads = openThreads();
  closing.defer(() => threads.close());
  const audioThreads = openThreads({
    maxThreads: AUDIO_THREADS,
    maxHeapMb: AUDIO_HEAP_MB,
    nice: config.backgroundNice,
  });
  closing.defer(() => audioThreads.close());
  const counting = startCounting(db, COUNTED_TABLES, (error) =>
    log.warn({ err: error }, 'could not roll up counts; retrying in a minute'),
  );
  closing.defer(() => counting.close());
  return {
    ...parts,
    metrics,
    threads,
    audioThreads,
    share: openFairShare(metrics.registry, share),
    live: new LiveCache(),
    quotas: new QuotaGuard({
      db,
      clock: parts.clock,
      isCallUnderWay: (scope, queueId) => isCallUnderWay(db, scope, queueId),
    }),
    conversationMetrics: conversationMetrics(metrics.registry),
    committed(scope: Pick<Scope, 'businessId'>, written?: Written) {
      counting.touched(scope, written);
      notifier?.publish(changesTopic(scope.businessId));
    },
  };
}

async function openMigrated(
  config: Config,
  connection: ConnectionConfig,
  log: Logger,
  closing: AsyncDisposableStack,
): Promise<Database> {
  const db = openDatabase({
    connection,
    timeoutSeconds: config.databaseTimeoutSeconds,
    max: CONNECTIONS,
    onError: (error) => log.warn({ err: error }, 'a database connection was lost'),
  });
  closing.defer(() => db.close());
  await using preparing = new AsyncDisposableStack();
  const client = await db.connect('colloquy-migrations');
  preparing.defer(() => client.end());
  await refuseHalfRestored(client);
  const applied = await migrate(client);
  if (await db.isDistributed()) await checkReachableNodes(client);
  await prepareJobs(connection, log);
  if (applied.length > 0) log.info({ applied }, 'the database is prepared');
  return db;
}

interface AppParts {
  readonly ctx: RoomContext & { publicUrl(): string };
  readonly authorizer: Authorizer;
  readonly connection: ConnectionConfig;
  readonly closing: AsyncDisposableStack;
  readonly overrides: Overrides;
  /** Known when the server listens. */
  readonly address: { url: string };
}

export class App implements AsyncDisposable {
  readonly ctx: AppParts['ctx'];
  readonly authorizer: Authorizer;
  readonly backfills: Backfills;
  madeKey: string | null = null;
  /** The sign-in link of the first admin, after `listen`; null if an admin can sign in. */
  firstLink: string | null = null;
  readonly #parts: AppParts;

  constructor(parts: AppParts) {
    this.#parts = parts;
    this.ctx = parts.ctx;
    this.authorizer = parts.authorizer;
    const { backfills = roomBackfills(parts.ctx) } = parts.overrides;
    this.backfills = openBackfills(parts.ctx, backfills);
    addWebhookGauges(parts.ctx);
    addJobGauges(parts.ctx);
    addStreamGauge(parts.ctx.metrics.registry, parts.ctx.streams);
  }

  /** Returns the URL. */
  async listen(): Promise<string> {
    const { ctx, authorizer } = this;
    const { closing, overrides, address } = this.#parts;
    const { config } = ctx;
    const sessions = openSessions(ctx, loadLibraryLazily(ctx));
    const built = await buildServer({
      ctx,
      authorizer,
      sessions,
      arrival: overrides.arrival,
      maxInlineBodyBytes: overrides.maxInlineBodyBytes,
      onAnswer: overrides.onAnswer,
      singleSignOn: openSingleSignOn(ctx, authorizer),
      handlers: maskHandlers(ctx, roomHandlers(ctx, authorizer, sessions, this.backfills)),
    });
    closing.defer(() => built.close());
    // These close before the server, which would otherwise wait for long polls and streams.
    closing.defer(() => ctx.notifier.close());
    closing.defer(() => ctx.streams.close());
    await listenOn(built.app, config, 'PORT', config.port);
    // After `listen`: a failed start must not use up a key that is shown only once.
    ({ madeKey: this.madeKey } = await bootstrapAccess(ctx));
    const url = addressOf(config, built.app);
    address.url = config.publicUrl ?? url;
    this.firstLink = await createFirstLink(ctx);
    return url;
  }

  /** For a process that does not listen otherwise. Returns the URL; null if METRICS_PORT is not set. */
  async listenForMetrics(): Promise<string | null> {
    const { ctx, authorizer } = this;
    const { config } = ctx;
    if (config.metricsPort === null) return null;
    const sessions = openSessions(ctx, loadLibraryLazily(ctx));
    const { app, close } = buildHealthServer({ ctx, authorizer, sessions });
    this.#parts.closing.defer(close);
    await listenOn(app, config, 'METRICS_PORT', config.metricsPort);
    return addressOf(config, app);
  }

  async work(): Promise<void> {
    const { ctx, backfills } = this;
    const { connection, closing } = this.#parts;
    const jobs = await startJobs(
      connection,
      ctx.log,
      {
        minute: { ...minuteJobs(ctx), 'add-backfills': () => backfills.addJob() },
        named: { ...namedJobs(ctx), [RUN_BACKFILLS]: async () => void (await backfills.run()) },
      },
      ctx.config.databaseTimeoutSeconds,
    );
    closing.defer(() => jobs.stop());
    closing.defer(() => backfills.stop());
    await backfills.addJob();
    const chaining = startChaining(ctx);
    closing.defer(() => chaining.close());
    const numbering = startNumbering(ctx);
    closing.defer(() => numbering.close());
    const webhooks = startWebhooks(ctx);
    closing.defer(() => webhooks.close());
    const watching = startWatching(ctx);
    closing.defer(() => watching.close());
  }

  close(): Promise<void> {
    return this.#parts.closing.disposeAsync();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

function fullDisk(config: Config, cause: unknown): StartError {
  const folders = [`DATA_DIR (${config.dataDir})`];
  if (config.ledgerDir !== null) folders.push(`LEDGER_DIR (${config.ledgerDir})`);
  if (config.databaseUrl !== null) folders.push('the PostgreSQL of DATABASE_URL');
  const message = `the disk is full; free space on the disk of ${folders.join(' or of ')}, then start again.`;
  return new StartError(message, { cause });
}

async function listenOn(app: FastifyInstance, { host }: Config, name: string, port: number) {
  try {
    await app.listen({ port, host });
  } catch (cause) {
    const explain = LISTEN_FAILURES[(cause as NodeJS.ErrnoException).code ?? ''];
    if (explain === undefined) throw cause;
    throw new StartError(`it cannot listen on ${host}, port ${port}: ${explain(name)}.`, { cause });
  }
}

const LISTEN_FAILURES: Readonly<Record<string, (name: string) => string>> = {
  EADDRINUSE: (name) => `another program uses the port; set another ${name}`,
  EACCES: (name) => `this user may not use ports below 1024; set another ${name}`,
  EADDRNOTAVAIL: () => 'HOST is not an address of this machine',
  ENOTFOUND: () => 'HOST is an unknown name',
  EAI_AGAIN: () => 'the name in HOST cannot be resolved',
};

/** Standard error, buffered: a system call per line would cost a tenth of a read. */
function logDestination() {
  return pino.destination({ dest: 2, sync: false, minLength: 8192, periodicFlush: 200 });
}

function addressOf(config: Config, server: FastifyInstance): string {
  const address = server.server.address() as AddressInfo | null;
  const host = config.host.includes(':') ? `[${config.host}]` : config.host;
  return `http://${host}:${address?.port ?? config.port}`;
}
