import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type pg from 'pg';
import type { TestProject } from 'vitest/node';
import { whenReady } from '../../packages/embedded-postgres/src/ready.ts';
import { makeDatabaseFolder, prepareTemplate, TEST_SETTINGS } from './postgres.ts';

const BINARIES = '/usr/lib/postgresql/15/bin';
const PORT = 5432;

export function hasPostgresql15(): boolean {
  return existsSync(join(BINARIES, 'postgres')) && existsSync(join(BINARIES, 'initdb'));
}

/** Starts one PostgreSQL 15 in a temporary folder for all test files of its project. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const server = await startPostgresql15();
  await prepareTemplate(server.connection);
  project.provide('postgres', server.connection);
  project.provide('citusNodes', null);
  return async () => {
    await server[Symbol.asyncDispose]();
  };
}

export async function startPostgresql15(): Promise<
  { readonly connection: pg.ClientConfig } & AsyncDisposable
> {
  const user = await unprivilegedUser();
  const folder = await makeDatabaseFolder('colloquy-15-');
  if (user) await promisify(execFile)('chown', [`${user.uid}:${user.gid}`, folder]);
  const options = { ...user, cwd: folder, env: { PATH: process.env.PATH, LC_ALL: 'C.UTF-8' } };
  const data = join(folder, 'data');
  await promisify(execFile)(
    join(BINARIES, 'initdb'),
    ['-D', data, '-U', 'colloquy', '-A', 'trust', '-E', 'UTF8', '--no-sync'],
    options,
  );
  const settings = {
    listen_addresses: '',
    unix_socket_directories: folder,
    port: String(PORT),
    ...TEST_SETTINGS,
  };
  const args = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const child = spawn(join(BINARIES, 'postgres'), ['-D', data, ...args], {
    ...options,
    stdio: 'ignore',
  });
  const exited = once(child, 'exit');
  const connection = { host: folder, port: PORT, user: 'colloquy', database: 'colloquy' };
  await whenReady(connection, AbortSignal.timeout(20_000));
  return {
    connection,
    async [Symbol.asyncDispose]() {
      child.kill('SIGINT');
      await exited;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** PostgreSQL refuses to run as root. */
async function unprivilegedUser(): Promise<{ uid: number; gid: number } | null> {
  if (process.getuid?.() !== 0) return null;
  const users = (await readFile('/etc/passwd', 'utf8')).split('\n').map((line) => line.split(':'));
  const found = ['postgres', 'nobody']
    .map((name) => users.find((fields) => fields[0] === name))
    .find((fields) => fields !== undefined);
  if (!found) throw new Error('there is neither a user postgres nor nobody');
  return { uid: Number(found[2]), gid: Number(found[3]) };
}
