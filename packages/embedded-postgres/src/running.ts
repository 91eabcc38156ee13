import { readFile, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import type pg from 'pg';
import { SUPERUSER } from './cluster.ts';
import { SOCKET_PORT } from './settings.ts';

export function embeddedConnection(socketFolder: string): pg.ClientConfig {
  const server = { host: socketFolder, port: SOCKET_PORT, ssl: false };
  return { ...server, user: SUPERUSER, database: 'colloquy' };
}

/** PostgreSQL documents the lines of `postmaster.pid` under "Database File Layout". */
export async function findRunningPostgres(dataDir: string): Promise<pg.ClientConfig | null> {
  const folder = join(await realpath(dataDir), 'postgres');
  const pidFile = await readFile(join(folder, 'postmaster.pid'), 'utf8').catch(() => '');
  const socketFolder = pidFile.split('\n')[4]?.trim() ?? '';
  return socketFolder === '' ? null : embeddedConnection(socketFolder);
}
