import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
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

/** A server, or a command that starts one, in another process. */
export interface ServerProcess extends AsyncDisposable {
  readonly child: ChildProcess;
  readonly pid: number;
  readonly url: string;
  /** A client with ADMIN_KEY, which `startServer` sets by default; it never retries. */
  readonly admin: Client;
  /** The same client, but it retries 503s and lost connections, like clients in production. */
  readonly patient: Client;
  readonly readyAfter: number;
  readonly printed: readonly string[];
  /** The lines of stderr, which contain the log, so far. */
  readonly logged: readonly string[];
  readonly ended: Promise<Ending>;
  end(signal: NodeJS.Signals): Promise<Ending>;
}

export interface RunOptions {
  readonly command?: readonly string[];
  /** Creates a process group, as a shell does for its commands. */
  readonly detached?: boolean;
  /** Another user than this process, which must be root. */
  readonly user?: { readonly uid: number; readonly gid: number } | undefined;
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

/** Starts a server that is expected to refuse, and waits for its end. */
export async function refusedStart(
  settings: Settings,
  options: RunOptions = {},
): Promise<{ code: number | null; stderr: string; printed: readonly string[] }> {
  await using run = runServer(settings, options);
  const patience = setTimeout(() => run.child.kill('SIGKILL'), HANGS_AFTER_MS);
  const { code } = await run.ended;
  clearTimeout(patience);
  return { code, stderr: run.logged.join('\n'), printed: run.printed };
}

export function runServer(given: Settings, options: RunOptions = {}): Run {
  const [file = '', ...args] = options.command ?? MAIN;
  // The default folder is in the repository, where a store of an earlier test might be.
  const folder = mkdtempSync(join(tmpdir(), 'colloquy-server-'));
  const settings = { DATA_DIR: folder, ...given };
  const child = spawn(file, args, {
    cwd: ROOT,
    detached: options.detached ?? false,
    ...options.user,
    // Only the paths to programs, files of the user and compiled sources.
    env: {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE,
      PORT: '0',
      LOG_LEVEL: 'warn',
      // A slow database is not an outage on a busy machine.
      DATABASE_TIMEOUT_SECONDS: '60',
      // With low priority, threads get almost no time beside other tests.
      BACKGROUND_NICE: '0',
      ...(given.DATABASE_URL !== undefined && { SECRET }),
      ...settings,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const printed = linesOf(child.stdout);
  const logged = linesOf(child.stderr);
  const ended = once(child, 'close').then(([code, signal]): Ending => {
    rmSync(folder, { recursive: true, force: true });
    return { code, signal };
  });
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

export async function postmasterOf(dataDir: string): Promise<number> {
  return Number.parseInt(await readFile(join(dataDir, 'postgres', 'postmaster.pid'), 'utf8'), 10);
}

/** A zombie process, which has ended but is not reaped yet, is not alive. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    const [, state] = /\) (\w) /.exec(readFileSync(`/proc/${pid}/stat`, 'utf8')) ?? [];
    return state !== 'Z';
  } catch (error) {
    return process.platform !== 'linux' && (error as NodeJS.ErrnoException).code === 'ENOENT';
  }
}

/**
 * Waits for a condition, at most a minute. The limit only ends a test that hangs, so it is the same
 * for all tests and far longer than any of them needs on a busy machine.
 */
export async function until(condition: () => Promise<boolean> | boolean): Promise<void> {
  const begin = performance.now();
  while (!(await condition())) {
    if (performance.now() - begin > HANGS_AFTER_MS) {
      throw new Error(`still not true after ${HANGS_AFTER_MS / 1000} s: ${condition}`);
    }
    await sleep(20);
  }
}
