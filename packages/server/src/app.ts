import type { AddressInfo } from 'node:net';
import { availableParallelism } from 'node:os';
import type { FastifyInstance } from 'fastify';
import { pino } from 'pino';
import { startChaining } from './access/audit/chain.ts';
import { auditHandlers } from './access/audit/handlers.ts';
import { type Authorizer, openAuthorizer } from './access/authorization/authorizer.ts';
import { accessHandlers } from './access/handlers.ts';
import { peopleHandlers } from './access/members/handlers.ts';
import { signInHandlers } from './access/sign-in/handlers.ts';
import { createFirstLink } from './access/sign-in/links.ts';
import { lazyLibrary, openSessions } from './access/sign-in/sessions.ts';
import { openSingleSignOn } from './access/sign-in/single-sign-on.ts';
import { bootstrapAccess } from './access/users/bootstrap.ts';
import { analyticsHandlers } from './analytics/handlers.ts';
import { backfillsOf } from './backfills.ts';
import { backupHandlers } from './backup/handlers.ts';
import { openBlobs } from './blobs/open-blobs.ts';
import { loadDemo } from './commands/demo.ts';
import type { Config } from './config.ts';
import type { Context } from './context.ts';
import { type ConversationContext, conversationHandlers } from './conversations/handlers.ts';
import { LiveCache } from './conversations/write/live-cache.ts';
import { startCounting } from './counters/counts.ts';
import type { ArrivalLimits } from './http/input/arrival-limits.ts';
import { maskHandlers } from './http/masked-reader.ts';
import { buildServer } from './http/server.ts';
import { systemClock } from './kernel/clock.ts';
import { type FairShareOptions, openFairShare } from './kernel/fair-share/fair-share.ts';
import { type Backfill, type Backfills, openBackfills } from './kernel/jobs/backfill.ts';
import { RUN_BACKFILLS } from './kernel/jobs/backfill-store.ts';
import { prepareJobs, startJobs } from './kernel/jobs/jobs.ts';
import { createMetrics } from './kernel/metrics.ts';
import { isFullDisk } from './kernel/postgres/full-disk.ts';
import { migrate } from './kernel/postgres/migrate.ts';
import { type Notifier, openNotifier } from './kernel/postgres/notifier.ts';
import { openConnection } from './kernel/postgres/open-connection.ts';
import { type ConnectionConfig, openDatabase } from './kernel/postgres/open-database.ts';
import { refuseHalfRestored } from './kernel/postgres/restoring.ts';
import { deriveSecrets, keepSecret } from './kernel/secrets.ts';
import { StartError } from './kernel/start-error.ts';
import { openThreads } from './kernel/threads/threads.ts';
import { maintenanceHandlers } from './maintenance/handlers.ts';
import { COUNT_TABLES, minuteJobs, namedJobs } from './minute-jobs.ts';
import { queueHandlers } from './queues/handlers.ts';
import { startWatching } from './queues/lease/lapse.ts';
import { recordingHandlers } from './recordings/handlers.ts';
import { retentionHandlers } from './retention/handlers.ts';
import { openLedger, openLedgerPlace } from './tombstones/ledger.ts';

/**
 * Of the pool. The event loop makes use of no more; while the database is busy each further one would begin
 * to plan statements that the others have planned, and keep the rest waiting for a third of a second.
 */
const CONNECTIONS = Math.min(16, 2 + 2 * availableParallelism());

/** The parts that a test, or the benchmark, brings itself. */
export interface Overrides extends Partial<Pick<Context, 'clock' | 'log'>> {
  readonly arrival?: ArrivalLimits;
  /** Bodies that are larger are read in a thread. */
  readonly maxInlineBodyBytes?: number;
  /** A PostgreSQL that is there already. */
  readonly connection?: ConnectionConfig;
  /** In place of those of this release. */
  readonly backfills?: readonly Backfill[];
  /** Milliseconds after which a waiting worker looks by itself; see `Notifier`. */
  readonly lookAgainMs?: number;
  readonly share?: FairShareOptions;
}

export interface App extends AsyncDisposable {
  readonly ctx: ConversationContext & { readonly notifier: Notifier };
  readonly authorizer: Authorizer;
  readonly backfills: Backfills;
  /** The bootstrap key, after the `listen` that made it. */
  readonly madeKey: string | null;
  /** Where the first admin signs in, after `listen`; null where an admin can already. */
  readonly firstLink: string | null;
  /** Starts to answer requests; gives the base URL. */
  listen(): Promise<string>;
  /** Starts the jobs of every minute. */
  work(): Promise<void>;
  /** Finishes what was begun, then lets go of everything. */
  close(): Promise<void>;
}

/** Opens all that a process needs, in the order in which it depends on each other. */
export async function openApp(config: Config, overrides: Overrides = {}): Promise<App> {
  const closing = new AsyncDisposableStack();
  try {
    const log = overrides.log ?? pino({ level: config.logLevel }, logDestination());
    const connection = overrides.connection ?? (await openConnection(config, log, closing));
    await using preparing = new AsyncDisposableStack();
    const db = openDatabase({
      connection,
      timeoutSeconds: config.databaseTimeoutSeconds,
      max: CONNECTIONS,
      onError: (error) => log.warn({ err: error }, 'a database connection was lost'),
    });
    closing.defer(() => db.close());
    const client = await db.connect('colloquy-migrations');
    preparing.defer(() => client.end());
    await refuseHalfRestored(client);
    const applied = await migrate(client);
    await prepareJobs(connection, log);
    if (applied.length > 0) log.info({ applied }, 'the database is prepared');

    const clock = overrides.clock ?? systemClock;
    const blobs = await openBlobs(config, { clock, log });
    closing.defer(() => blobs.close());
    const ledger = await openLedger(db, await openLedgerPlace(config), log);
    closing.defer(() => ledger.close());
    const { pool } = db;
    let listening = config.publicUrl ?? `http://${config.host}:${config.port}`;
    const metrics = createMetrics(() => ({
      total: pool.totalCount,
      idle: pool.idleCount,
      waiting: pool.waitingCount,
    }));
    const ctx: ConversationContext & { notifier: Notifier; publicUrl(): string } = {
      config,
      db,
      log,
      clock,
      blobs,
      ledger,
      secrets: deriveSecrets(config.secret ?? (await keepSecret(config.dataDir))),
      metrics,
      threads: openThreads(),
      audioThreads: openThreads({ maxThreads: 3, maxHeapMb: 256, nice: config.backgroundNice }),
      share: openFairShare(metrics.registry, overrides.share),
      live: new LiveCache(),
      counting: startCounting(db, COUNT_TABLES, (error) =>
        log.warn({ err: error }, 'counts were not folded'),
      ),
      notifier: openNotifier(db, log, overrides.lookAgainMs),
      publicUrl: () => listening,
    };
    closing.defer(() => ctx.threads.close());
    closing.defer(() => ctx.audioThreads.close());
    closing.defer(() => ctx.notifier.close());
    closing.defer(() => ctx.counting.close());
    const backfills = openBackfills(ctx, overrides.backfills ?? backfillsOf(ctx));
    let madeKey: string | null = null;
    let firstLink: string | null = null;
    const authorizer = await openAuthorizer(ctx);
    closing.defer(() => authorizer.close());
    if (config.demo) await loadDemo(ctx);

    const app: App = {
      ctx,
      authorizer,
      backfills,
      get madeKey() {
        return madeKey;
      },
      get firstLink() {
        return firstLink;
      },
      async listen() {
        const sessions = openSessions(ctx, lazyLibrary(ctx));
        const built = await buildServer({
          ctx,
          authorizer,
          sessions,
          arrival: overrides.arrival,
          maxInlineBodyBytes: overrides.maxInlineBodyBytes,
          singleSignOn: openSingleSignOn(ctx, authorizer),
          handlers: maskHandlers(ctx, {
            ...accessHandlers(ctx, authorizer),
            ...peopleHandlers(ctx, authorizer),
            ...signInHandlers(ctx, authorizer, sessions),
            ...analyticsHandlers(ctx),
            ...auditHandlers(ctx, authorizer),
            ...backupHandlers(ctx),
            ...maintenanceHandlers(backfills),
            ...conversationHandlers(ctx),
            ...queueHandlers(ctx),
            ...retentionHandlers(ctx),
            ...recordingHandlers(ctx),
          }),
        });
        closing.defer(() => built.close());
        // First, so that nobody is waited for who waits.
        closing.defer(() => ctx.notifier.close());
        await built.app
          .listen({ port: config.port, host: config.host })
          .catch(explainListen(config));
        // Only now, so that a key which is shown once is not made by a start that then fails.
        ({ madeKey } = await bootstrapAccess(ctx));
        const address = addressOf(config, built.app);
        listening = config.publicUrl ?? address;
        firstLink = await createFirstLink(ctx);
        return address;
      },
      async work() {
        const jobs = await startJobs(
          connection,
          log,
          { ...minuteJobs(ctx), 'add-backfills': () => backfills.addJob() },
          {
            ...namedJobs(ctx),
            [RUN_BACKFILLS]: async () => {
              await backfills.run();
            },
          },
          config.databaseTimeoutSeconds,
        );
        closing.defer(() => jobs.stop());
        closing.defer(() => backfills.stop());
        await backfills.addJob();
        const chaining = startChaining(ctx);
        closing.defer(() => chaining.close());
        const watching = startWatching(ctx);
        closing.defer(() => watching.close());
      },
      close: () => closing.disposeAsync(),
      [Symbol.asyncDispose]: () => closing.disposeAsync(),
    };
    return app;
  } catch (error) {
    // What is closed after a full disk fails for the same reason.
    await closing.disposeAsync().catch((failure: unknown) => {
      if (!isFullDisk(error)) throw failure;
    });
    throw isFullDisk(error) ? fullDisk(config, error) : error;
  }
}

function fullDisk(config: Config, cause: unknown): StartError {
  const folders = [
    `DATA_DIR (${config.dataDir})`,
    ...(config.ledgerDir === null ? [] : [`LEDGER_DIR (${config.ledgerDir})`]),
    ...(config.databaseUrl === null ? [] : ['the PostgreSQL of DATABASE_URL']),
  ];
  return new StartError(
    `the disk is full; free space on the disk of ${folders.join(' or of ')}, then start again.`,
    { cause },
  );
}

/** Throws what the operator can mend as a sentence. */
function explainListen({ host, port }: Config): (error: NodeJS.ErrnoException) => never {
  return (error) => {
    const reason = LISTEN_FAILURES[error.code ?? ''];
    if (reason === undefined) throw error;
    throw new StartError(`it cannot listen on ${host}, port ${port}: ${reason}.`, { cause: error });
  };
}

const LISTEN_FAILURES: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another program does; give another PORT',
  EACCES: 'this user may not; give a PORT from 1024 on',
  EADDRNOTAVAIL: 'HOST is no address of this machine',
  ENOTFOUND: 'HOST is a name that nobody knows',
  EAI_AGAIN: 'HOST is a name that cannot be looked up',
};

/** Standard error, by whole pages: a system call per line would cost a tenth of a read. */
function logDestination() {
  return pino.destination({ dest: 2, sync: false, minLength: 8192, periodicFlush: 200 });
}

function addressOf(config: Config, server: FastifyInstance): string {
  const address = server.server.address() as AddressInfo | null;
  const host = config.host.includes(':') ? `[${config.host}]` : config.host;
  return `http://${host}:${address?.port ?? config.port}`;
}
