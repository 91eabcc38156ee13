import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { format } from 'node:util';
import { runProgram } from '../src/program.ts';

export interface Run {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** The peak memory of the process in MB; null on systems without /proc. */
  readonly peakMegabytes: number | null;
}

export interface RunOptions {
  readonly url: string;
  readonly key?: string;
  readonly stdin?: string;
  /** Instead of the environment of this process. */
  readonly env?: NodeJS.ProcessEnv;
  readonly onStart?: (child: ChildProcessWithoutNullStreams) => void;
}

const MAIN = join(import.meta.dirname, '../src/main.ts');

/** Runs the command line in a child process. */
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

/**
 * Runs the command line in this process, which takes a tenth of the processor time. Allows one run at a
 * time; tests of signals, memory and the standard input need `runCli()`.
 */
export async function runHere(
  args: readonly string[],
  { url, key = '' }: Pick<RunOptions, 'url' | 'key'>,
): Promise<Pick<Run, 'code' | 'stdout' | 'stderr'>> {
  using restoring = new DisposableStack();
  const output = { stdout: '', stderr: '' };
  for (const [name, value] of [
    ['COLLOQUY_URL', url],
    ['COLLOQUY_KEY', key],
  ] as const) {
    const before = process.env[name];
    restoring.defer(() => {
      if (before === undefined) delete process.env[name];
      else process.env[name] = before;
    });
    process.env[name] = value;
  }
  for (const [method, stream] of [
    ['log', 'stdout'],
    ['error', 'stderr'],
  ] as const) {
    const [print, write] = [console[method], process[stream].write];
    restoring.defer(() => {
      console[method] = print;
      process[stream].write = write;
    });
    console[method] = (...values: unknown[]) => {
      output[stream] += `${format(...values)}\n`;
    };
    process[stream].write = (chunk: Uint8Array | string) => {
      output[stream] += typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString();
      return true;
    };
  }
  const before = process.exitCode;
  restoring.defer(() => {
    process.exitCode = before;
  });
  process.exitCode = 0;
  await runProgram(args);
  return { code: Number(process.exitCode), ...output };
}
