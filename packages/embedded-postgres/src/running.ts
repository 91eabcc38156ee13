import { readFile, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import type pg from 'pg';
import { SUPERUSER } from './cluster.ts';
import { SOCKET_PORT } from './settings.ts';

/** The connection settings for a socket folder. */
export function embeddedConnection(socketFolder: string): pg.ClientConfig {
  return {
    host: socketFolder,
    port: SOCKET_PORT,
    user: SUPERUSER,
    database: 'colloquy',
    ssl: false,
  };
}

/**
 * Finds the PostgreSQL that another process of this user runs on the data folder; null if there is none.
 * The fifth line of `postmaster.pid` is the folder of its socket
 * (https://www.postgresql.org/docs/current/storage-file-layout.html).
 */
export async function findRunningPostgres(dataDir: string): Promise<pg.ClientConfig | null> {
  const folder = join(await realpath(dataDir), 'postgres');
  const lines = (await readFile(join(folder, 'postmaster.pid'), 'utf8').catch(() => '')).split(
    '\n',
  );
  const socketFolder = lines[4]?.trim() ?? '';
  return socketFolder === '' ? null : embeddedConnection(socketFolder);
}
