import type { ChildProcess } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import type { Logger } from 'pino';
import type { Binaries } from './binaries.ts';
import type { Cluster } from './cluster.ts';
import { clearLeftovers, killStrays } from './leftovers.ts';
import { captureLog, type Failure } from './log.ts';
import { whenReady } from './ready.ts';
import { endGracefully } from './signals.ts';
import { PostgresStartError } from './start-error.ts';

export interface Setup {
  readonly binaries: Binaries;
  readonly cluster: Cluster;
  readonly settings: Readonly<Record<string, string>>;
  readonly connection: pg.ClientConfig;
  readonly log: Logger;
}

export interface RunningPostgres {
  readonly pid: number;
  readonly exited: Promise<string>;
  interrupt(): void;
  stop(): Promise<void>;
}

// Child processes of a killed PostgreSQL exit by themselves, but not during a statement.
const KILL_STRAYS_AFTER_MILLISECONDS = 1_500;
const MAX_STRAYS_MILLISECONDS = 15_000;
/** SQLSTATE lock_file_exists; also shared memory of an earlier server. */
const IN_USE = 'F0001';

/** Waits until it serves. Retries while an earlier one is still ending. */
export async function launchPostgres(setup: Setup, signal: AbortSignal): Promise<RunningPostgres> {
  const { cluster, log } = setup;
  const begin = performance.now();
  for (;;) {
    const result = await tryLaunch(setup, signal);
    if (!('text' in result)) return result;
    const waited = performance.now() - begin;
    if (result.code !== IN_USE || waited > MAX_STRAYS_MILLISECONDS || signal.aborted) {
      const message = `PostgreSQL does not start on ${cluster.folder}: ${result.text}.`;
      throw new PostgresStartError(message);
    }
    await clearLeftovers(cluster.folder, log);
    if (waited > KILL_STRAYS_AFTER_MILLISECONDS) {
      const killed = await killStrays(cluster.folder);
      if (killed > 0) log.warn({ killed }, 'killed leftover processes of a killed PostgreSQL');
    }
    await sleep(100);
  }
}

async function tryLaunch(setup: Setup, signal: AbortSignal): Promise<RunningPostgres | Failure> {
  const { binaries, cluster, settings, connection, log } = setup;
  const options = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const child = cluster.identity.spawn(binaries.postgres, ['-D', cluster.folder, ...options]);
  child.stdout?.resume();
  const serverLog = child.stderr ? captureLog(child.stderr, log) : null;
  const exited = exitOf(child);
  const waitForExit = () => exited;
  const server: RunningPostgres = {
    pid: child.pid ?? 0,
    exited,
    interrupt: () => child.kill('SIGINT'),
    stop: () => endGracefully((name) => child.kill(name), waitForExit),
  };
  const over = new AbortController();
  const ended = exited.then(async (how) => {
    // The last output explains the exit. Child processes may keep the pipe open.
    await Promise.race([serverLog?.closed, sleep(200)]);
    return serverLog?.lastFailure() ?? { code: null, text: how };
  });
  const ready = whenReady(connection, AbortSignal.any([signal, over.signal])).then(() => null);
  const reason = await Promise.race([ended, ready]);
  over.abort();
  if (reason === null && !signal.aborted) return server;
  await server.stop();
  return reason ?? { code: null, text: 'it was stopped while it started' };
}

function exitOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, signal) =>
      resolve(signal === null ? `it ended with code ${code}` : `it was ended by ${signal}`),
    );
  });
}
