import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Client, createClient } from '@colloquy/sdk';
import { ADMIN_KEY, SECRET } from './server-secrets.ts';

export const ROOT = resolve(import.meta.dirname, '../..');
const HANGS_AFTER_MS = 60_000;
const MAIN = [process.execPath, 'packages/server/src/main.ts', 'all'];

export type Settings = Readonly<Record<string, string>>;

export interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A server in a process of its own, or what starts one. */
export interface ServerProcess extends AsyncDisposable {
  readonly child: ChildProcess;
  readonly pid: number;
  readonly url: string;
  /** A client with the key that `startServer` gives where no other is set; it never retries. */
  readonly admin: Client;
  /** The same, but it retries 503s and lost connections, as clients in production do. */
  readonly patient: Client;
  /** Milliseconds until it was ready. */
  readonly readyAfter: number;
  /** The lines that it has printed so far. */
  readonly printed: readonly string[];
  /** The lines of its log so far. */
  readonly logged: readonly string[];
  readonly ended: Promise<Ending>;
  /** Sends a signal and waits for the end. */
  end(signal: NodeJS.Signals): Promise<Ending>;
}

export interface RunOptions {
  readonly command?: readonly string[];
  /** A group of its own, as a shell gives to what it runs. */
  readonly detached?: boolean;
}

interface Run extends Omit<ServerProcess, 'url' | 'admin' | 'patient' | 'readyAfter'> {
  readonly logged: readonly string[];
}

/** Starts a server, by default on any free port, and waits until it is ready. */
export async function startServer(
  settings: Settings,
  options: RunOptions = {},
): Promise<ServerProcess> {
  const begin = performance.now();
  const run = runServer({ BOOTSTRAP_API_KEY: ADMIN_KEY, ...settings }, options);
  let hasEnded = false;
  run.ended.then(() => {
    hasEnded = true;
  });
  for (;;) {
    const url = /^ready (\S+)$/.exec(run.printed.at(-1) ?? '')?.[1];
    if (url !== undefined) {
      const readyAfter = performance.now() - begin;
      const client = (retries: number) =>
        createClient({ baseUrl: url, apiKey: ADMIN_KEY, retries });
      return { ...run, url, readyAfter, admin: client(0), patient: client(5) };
    }
    if (hasEnded) throw new Error(`it is not ready: ${run.logged.join('\n')}`);
    await sleep(5);
  }
}

/** Starts a server that is expected to end by itself; gives what it said and how it ended. */
export async function refusedStart(
  settings: Settings,
  options: RunOptions = {},
): Promise<{ code: number | null; said: string; printed: readonly string[] }> {
  await using run = runServer(settings, options);
  const patience = setTimeout(() => run.child.kill('SIGKILL'), HANGS_AFTER_MS);
  const { code } = await run.ended;
  clearTimeout(patience);
  return { code, said: run.logged.join('\n'), printed: run.printed };
}

/** Starts a process and does not wait for anything. */
export function runServer(settings: Settings, options: RunOptions = {}): Run {
  const [file = '', ...args] = options.command ?? MAIN;
  const child = spawn(file, args, {
    cwd: ROOT,
    detached: options.detached ?? false,
    // Nothing of our own environment but where programs, the user's files and compiled sources are.
    env: {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE,
      PORT: '0',
      LOG_LEVEL: 'warn',
      // A busy machine is no outage.
      DATABASE_TIMEOUT_SECONDS: '60',
      // Beside other tests, threads of the lowest priority get almost no time.
      BACKGROUND_NICE: '0',
      ...(settings.DATABASE_URL !== undefined && { SECRET }),
      ...settings,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const printed = linesOf(child.stdout);
  const logged = linesOf(child.stderr);
  const ended = once(child, 'close').then(([code, signal]): Ending => ({ code, signal }));
  const end = async (signal: NodeJS.Signals) => {
    child.kill(signal);
    return ended;
  };
  return {
    child,
    pid: child.pid ?? 0,
    printed,
    logged,
    ended,
    end,
    async [Symbol.asyncDispose]() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const patience = setTimeout(() => child.kill('SIGKILL'), HANGS_AFTER_MS);
      await end('SIGTERM');
      clearTimeout(patience);
    },
  };
}

function linesOf(stream: NodeJS.ReadableStream): string[] {
  const lines: string[] = [];
  createInterface({ input: stream }).on('line', (line) => lines.push(line));
  return lines;
}

/** The process number of the embedded PostgreSQL of a data folder. */
export async function postmasterOf(dataDir: string): Promise<number> {
  return Number.parseInt(await readFile(join(dataDir, 'postgres', 'postmaster.pid'), 'utf8'), 10);
}

/** One that has ended and that nobody has reaped yet is not alive. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    const [, state] = /\) (\w) /.exec(readFileSync(`/proc/${pid}/stat`, 'utf8')) ?? [];
    return state !== 'Z';
  } catch (error) {
    // Where there is no /proc the signal alone has to tell.
    return process.platform !== 'linux' && (error as NodeJS.ErrnoException).code === 'ENOENT';
  }
}

/**
 * Waits for a condition and throws if it does not become true within a minute. The limit only ends a
 * test that hangs, so it is the same for all and far longer than anything takes on a busy machine.
 */
export async function until(isSo: () => Promise<boolean> | boolean): Promise<void> {
  const begin = performance.now();
  while (!(await isSo())) {
    if (performance.now() - begin > HANGS_AFTER_MS) {
      throw new Error(`still not true after ${HANGS_AFTER_MS / 1000} s: ${isSo}`);
    }
    await sleep(20);
  }
}
