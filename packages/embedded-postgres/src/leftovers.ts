import { execFile } from 'node:child_process';
import { readdir, readFile, readlink, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { Logger } from 'pino';
import { endGracefully } from './signals.ts';

/** Returns the socket folder of a killed server, whose pid may be another process's after a reboot. */
export async function clearLeftovers(folder: string, log: Logger): Promise<string | null> {
  const pidFile = join(folder, 'postmaster.pid');
  const lines = (await readFile(pidFile, 'utf8').catch(() => '')).split('\n');
  const pid = Math.abs(Number.parseInt(lines[0] ?? '', 10));
  if (!(pid > 0)) return null;
  if (await isPostgresOf(pid, folder)) {
    log.warn({ postmaster: pid }, 'stopping a PostgreSQL that an earlier Colloquy left running');
    const isGone = () => waitForExit(pid, folder);
    await endGracefully((signal) => kill(pid, signal), isGone);
  }
  // Safe while in use: PostgreSQL detects that by its shared memory, not by this file.
  await rm(pidFile, { force: true });
  return lines[4] ?? null;
}

/** Returns how many child processes of an ended PostgreSQL it killed. */
export async function killStrays(folder: string): Promise<number> {
  const pids = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name));
  const strays: number[] = [];
  for (const pid of pids.map(Number)) if (await worksIn(pid, folder)) strays.push(pid);
  for (const pid of strays) kill(pid, 'SIGKILL');
  return strays.length;
}

async function isPostgresOf(pid: number, folder: string): Promise<boolean> {
  const [command = '', ...args] = await commandOf(pid);
  if (basename(command) !== 'postgres') return false;
  return args.includes(folder) || (await worksIn(pid, folder));
}

async function commandOf(pid: number): Promise<string[]> {
  try {
    return (await readFile(`/proc/${pid}/cmdline`, 'utf8')).split('\0');
  } catch {
    if (process.platform === 'linux') return [];
  }
  const ps = promisify(execFile)('ps', ['-p', String(pid), '-o', 'command=']);
  return (await ps.catch(() => null))?.stdout.trim().split(/\s+/) ?? [];
}

/** All processes of PostgreSQL use this working directory. */
async function worksIn(pid: number, folder: string): Promise<boolean> {
  try {
    const program = basename(await readlink(`/proc/${pid}/exe`));
    return /^postgres\b/.test(program) && (await readlink(`/proc/${pid}/cwd`)) === folder;
  } catch {
    return false;
  }
}

/** Not a child of this process. A zombie counts as ended. */
async function waitForExit(pid: number, folder: string): Promise<void> {
  while (await isPostgresOf(pid, folder)) await sleep(10);
}

function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
