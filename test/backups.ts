import { randomBytes } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Client } from '@colloquy/sdk';
import pg from 'pg';
import { inject } from 'vitest';
import { restoreFailure, runRestore } from '../packages/server/src/run-restore.ts';
import { type House, type HouseOptions, openHouse, SECRET } from './house.ts';
import { inDatabase } from './postgres.ts';
import { type RunOptions, runServer, type Settings } from './server-process.ts';
import { openProxy, urlThrough } from './tcp-proxy.ts';

/** Takes a backup; the path of its file. */
export async function saveBackup(admin: Client, folder: string, body = {}): Promise<string> {
  const path = join(folder, `${randomBytes(4).toString('hex')}.tar`);
  const bytes = await admin.createBackup(body);
  await pipeline(Readable.fromWeb(bytes as never), createWriteStream(path));
  return path;
}

export interface Ground extends AsyncDisposable {
  /** An empty folder of the test's own. */
  readonly folder: string;
  readonly settings: Settings & { readonly DATA_DIR: string };
  /** What `npm run restore` does with these arguments, in this process; what it said. */
  restore(...args: string[]): Promise<{ code: number; said: string; printed: string }>;
  /** Begins it in a process of its own. */
  begin(...args: string[]): ReturnType<typeof runServer>;
  /** Statements on the database. */
  readonly sql: pg.Pool;
  /** A server on what was restored. */
  open(options?: HouseOptions): Promise<House>;
}

/** A database without a table and a data folder without a file, for a restore. */
export async function emptyGround(options: RunOptions = {}, more: Settings = {}): Promise<Ground> {
  await using closing = new AsyncDisposableStack();
  const server = inject('postgres');
  const name = `test_${randomBytes(8).toString('hex')}`;
  const asAdmin = new pg.Pool({ ...server, max: 1 });
  closing.defer(() => asAdmin.end());
  await asAdmin.query(`CREATE DATABASE ${name} TEMPLATE template0`);
  closing.defer(async () => {
    await asAdmin.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
  });
  const connection = inDatabase(server, name);
  const folder = await mkdtemp(join(tmpdir(), 'colloquy-backup-'));
  closing.defer(() => rm(folder, { recursive: true, force: true }));
  const proxy = closing.use(await openProxy(connection));
  const sql = closing.adopt(new pg.Pool({ ...connection, max: 2 }), (pool) => pool.end());
  sql.on('error', () => undefined);
  const DATA_DIR = join(folder, 'data');
  const settings = { DATABASE_URL: urlThrough(proxy.port, connection), DATA_DIR, SECRET, ...more };
  const begin = (...args: string[]) =>
    runServer(settings, {
      ...options,
      command: [process.execPath, 'packages/server/src/restore.ts', ...args],
    });
  const lasting = closing.move();
  return {
    folder,
    settings,
    sql,
    begin,
    async restore(...args) {
      const said: string[] = [];
      const environment = { PATH: process.env.PATH, ...settings };
      try {
        const printed = await runRestore(args, (line) => said.push(line), environment);
        return { code: 0, said: said.join('\n'), printed };
      } catch (error) {
        said.push(restoreFailure(error) ?? String(error));
        return { code: 1, said: said.join('\n'), printed: '' };
      }
    },
    open: (options) =>
      openHouse({ connection, dataDir: DATA_DIR, secret: settings.SECRET, ...options }),
    [Symbol.asyncDispose]: () => lasting.disposeAsync(),
  };
}
