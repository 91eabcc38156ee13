import { mkdir, realpath } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import type { Logger } from 'pino';
import { findBinaries } from './binaries.ts';
import { openCluster } from './cluster.ts';
import { launchPostgres, type RunningPostgres, type Setup } from './launch.ts';
import { clearLeftovers } from './leftovers.ts';
import { embeddedConnection } from './running.ts';
import { fixedSettings } from './settings.ts';
import { makeSocketFolder, removeOwnSocketFolder } from './socket.ts';

export interface EmbeddedPostgres {
  readonly connection: pg.ClientConfig;
  /** The caller must have closed its connections. */
  stop(): Promise<void>;
}

const MIN_PAUSE_MILLISECONDS = 50;
const MAX_PAUSE_MILLISECONDS = 5_000;
const STEADY_MILLISECONDS = 10_000;

/** Restarts PostgreSQL whenever it ends. The caller holds the lock of `dataDir`. */
export async function startEmbeddedPostgres(options: {
  dataDir: string;
  log: Logger;
  /** For tests, whose data need not survive a crash of the machine. */
  settings?: Readonly<Record<string, string>>;
}): Promise<EmbeddedPostgres> {
  const log = options.log.child({ part: 'postgres' });
  await mkdir(options.dataDir, { recursive: true, mode: 0o700 });
  const dataDir = await realpath(options.dataDir);
  const binaries = await findBinaries();
  const cluster = await openCluster(dataDir, binaries, log);
  const earlier = await clearLeftovers(cluster.folder, log);
  if (earlier !== null) await removeOwnSocketFolder(earlier, dataDir);
  const socketFolder = await makeSocketFolder(dataDir, cluster.identity.owner);
  const connection = embeddedConnection(socketFolder);
  const settings = { ...fixedSettings(socketFolder), ...options.settings };
  const setup: Setup = { binaries, cluster, settings, connection, log };
  const stopping = new AbortController();
  let server = await launchPostgres(setup, stopping.signal);
  const keeping = keepRunning(setup, server, stopping.signal, (next) => {
    server = next;
  });

  // For an end without stop(), such as after an uncaught exception.
  const interruptServer = () => server.interrupt();
  process.once('exit', interruptServer);

  const stop = async () => {
    process.off('exit', interruptServer);
    stopping.abort();
    await server.stop();
    await keeping;
    await removeOwnSocketFolder(socketFolder, dataDir);
  };
  let stopped: Promise<void> | undefined;
  return {
    connection,
    stop() {
      stopped ??= stop();
      return stopped;
    },
  };
}

async function keepRunning(
  setup: Setup,
  first: RunningPostgres,
  signal: AbortSignal,
  onNext: (server: RunningPostgres) => void,
): Promise<void> {
  const { log } = setup;
  let server: RunningPostgres | null = first;
  let pause = MIN_PAUSE_MILLISECONDS;
  for (;;) {
    if (server !== null) {
      const begin = performance.now();
      const how = await server.exited;
      if (performance.now() - begin > STEADY_MILLISECONDS) pause = MIN_PAUSE_MILLISECONDS;
      if (!signal.aborted)
        log.error({ postmaster: server.pid, how }, 'PostgreSQL ended; restarting it');
      server = null;
    }
    await sleep(pause, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) return;
    pause = Math.min(pause * 2, MAX_PAUSE_MILLISECONDS);
    try {
      await clearLeftovers(setup.cluster.folder, log);
      server = await launchPostgres(setup, signal);
      onNext(server);
      log.info({ postmaster: server.pid }, 'PostgreSQL runs again');
    } catch (err) {
      if (!signal.aborted) log.error({ err }, 'PostgreSQL does not start; trying again');
    }
  }
}
