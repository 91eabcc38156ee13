import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

export interface Run {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** The most memory that the process held, in MB; null where the system does not tell. */
  readonly peakMegabytes: number | null;
}

export interface RunOptions {
  readonly url: string;
  readonly key?: string;
  readonly stdin?: string;
  /** In place of our own environment. */
  readonly env?: NodeJS.ProcessEnv;
  readonly onStart?: (child: ChildProcessWithoutNullStreams) => void;
}

const MAIN = join(import.meta.dirname, '../src/main.ts');

/** Runs the command line as a process of its own. */
export async function runCli(args: readonly string[], options: RunOptions): Promise<Run> {
  const { url, key = '', stdin = '' } = options;
  const env = {
    ...(options.env ?? process.env),
    COLLOQUY_URL: url,
    COLLOQUY_KEY: key,
    NODE_OPTIONS: '',
  };
  const child = spawn(process.execPath, [MAIN, ...args], { env });
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
  options.onStart?.(child);
  child.stdin.on('error', () => undefined).end(stdin);
  let peakMegabytes: number | null = null;
  const watching = setInterval(async () => {
    const status = await readFile(`/proc/${child.pid}/status`, 'utf8').catch(() => '');
    const kilobytes = /VmHWM:\s+(\d+) kB/.exec(status)?.[1];
    if (kilobytes !== undefined) peakMegabytes = Number(kilobytes) / 1000;
  }, 50);
  const [stdout, stderr, code] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    ended,
  ]).finally(() => clearInterval(watching));
  return { code, stdout, stderr, peakMegabytes };
}
