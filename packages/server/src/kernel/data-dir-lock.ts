import {
  closeSync,
  constants,
  ftruncateSync,
  mkdirSync,
  openSync,
  readSync,
  writeSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { StartError } from './start-error.ts';

// The package carries no types.
const { tryLock } = createRequire(import.meta.url)('fs-native-extensions') as {
  tryLock(fd: number): boolean;
};

export interface DataDirLock {
  release(): Promise<void>;
}

/**
 * Makes the data directory where there is none and takes it for this process alone. The kernel
 * drops the lock with the process, however that ends. StartError where another one holds it.
 */
export async function lockDataDir(dataDir: string): Promise<DataDirLock> {
  const folder = resolve(dataDir);
  // A number and not a FileHandle, which the garbage collection would close, and so unlock.
  const fd = openLockFile(folder);
  try {
    if (!takeLock(fd, folder)) throw await takenBy(fd, folder);
    ftruncateSync(fd);
    writeSync(fd, `${process.pid}\n`, 0);
  } catch (error) {
    closeSync(fd);
    throw error;
  }
  let held = true;
  return {
    // The file stays: a starter that has just opened it would otherwise lock a file without a name
    // while the next one locks its successor.
    async release() {
      if (!held) return;
      held = false;
      ftruncateSync(fd);
      closeSync(fd);
    },
  };
}

function openLockFile(folder: string): number {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    // Not "w+": that would wipe the holder's pid before we know that there is none.
    return openSync(join(folder, 'lock'), constants.O_RDWR | constants.O_CREAT, 0o600);
  } catch (error) {
    throw new StartError(
      `The data folder ${folder} cannot be used (${reason(error)}); make it writable for the user that runs Colloquy, or name another with DATA_DIR.`,
      { cause: error },
    );
  }
}

function takeLock(fd: number, folder: string): boolean {
  try {
    return tryLock(fd);
  } catch (error) {
    throw new StartError(
      `The file system of the data folder ${folder} has no file locks (${reason(error)}); name a folder on a local disk with DATA_DIR.`,
      { cause: error },
    );
  }
}

async function takenBy(fd: number, folder: string): Promise<StartError> {
  // Whoever has won in this very moment has not written its pid yet.
  await sleep(50);
  const buffer = Buffer.alloc(20);
  const pid = /^\d+/.exec(buffer.toString('latin1', 0, readSync(fd, buffer, 0, 20, 0)))?.[0];
  const holder = pid === undefined ? 'Another Colloquy' : `Another Colloquy (process ${pid})`;
  return new StartError(
    `${holder} already runs on the data folder ${folder}; stop it, or give this one a folder of its own with DATA_DIR.`,
  );
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
