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
import { messageOf, StartError } from './start-error.ts';

const { tryLock } = createRequire(import.meta.url)('fs-native-extensions') as {
  tryLock(fd: number): boolean;
};

/** Creates and locks the data directory until this process ends. StartError if another holds it. */
export async function lockDataDir(dataDir: string): Promise<{ release(): Promise<void> }> {
  const folder = resolve(dataDir);
  // A plain descriptor: garbage collection would close a FileHandle and release the lock.
  const fd = openLockFile(folder);
  try {
    if (!takeLock(fd, folder)) throw await describeHolder(fd, folder);
    ftruncateSync(fd);
    writeSync(fd, `${process.pid}\n`, 0);
  } catch (error) {
    closeSync(fd);
    throw error;
  }
  let held = true;
  return {
    // The file stays: a concurrent start may have opened it and would lock a deleted file.
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
    // Not "w+", which would erase the holder's pid.
    return openSync(join(folder, 'lock'), constants.O_RDWR | constants.O_CREAT, 0o600);
  } catch (error) {
    const message = `The data folder ${folder} cannot be used (${messageOf(error)}); make it writable for the user that runs Colloquy, or name another with DATA_DIR.`;
    throw new StartError(message, { cause: error });
  }
}

function takeLock(fd: number, folder: string): boolean {
  try {
    return tryLock(fd);
  } catch (error) {
    const message = `The file system of the data folder ${folder} has no file locks (${messageOf(error)}); name a folder on a local disk with DATA_DIR.`;
    throw new StartError(message, { cause: error });
  }
}

async function describeHolder(fd: number, folder: string): Promise<StartError> {
  // A process that has just taken the lock may not have written its pid yet.
  await sleep(50);
  const buffer = Buffer.alloc(20);
  const pid = /^\d+/.exec(buffer.toString('latin1', 0, readSync(fd, buffer, 0, 20, 0)))?.[0];
  const holder = pid === undefined ? 'Another Colloquy' : `Another Colloquy (process ${pid})`;
  return new StartError(
    `${holder} already runs on the data folder ${folder}; stop it, or set DATA_DIR to another folder for this one.`,
  );
}
