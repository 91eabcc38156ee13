import { readdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { UsageError } from '../failure.ts';

/** One JSON object per line. */
export interface SourceFile {
  readonly path: string;
  /** On disk, also if compressed. */
  readonly bytes: number;
  readonly isGzipped: boolean;
}

export interface Sources {
  readonly files: readonly SourceFile[];
  readonly recordings: string | null;
}

const NAME = /\.(ndjson|jsonl)(\.gz)?$/i;

/** One file, or the files of a folder in the order of their names. */
export async function findSources(path: string, recordings?: string): Promise<Sources> {
  const found = await stat(path).catch(() => null);
  if (!found) throw new UsageError(`${path} does not exist.`);
  const folder = found.isDirectory() ? path : dirname(path);
  const names = found.isDirectory()
    ? (await readdir(path)).filter((name) => NAME.test(name)).sort()
    : null;
  if (names?.length === 0) {
    throw new UsageError(`${path} contains no *.ndjson, *.jsonl, *.ndjson.gz or *.jsonl.gz file.`);
  }
  const paths = names?.map((name) => join(path, name)) ?? [path];
  return {
    files: await Promise.all(paths.map(describeFile)),
    recordings: await findRecordings(folder, recordings),
  };
}

async function describeFile(path: string): Promise<SourceFile> {
  return { path, bytes: (await stat(path)).size, isGzipped: /\.gz$/i.test(path) };
}

async function findRecordings(folder: string, given?: string): Promise<string | null> {
  const path = given ?? join(folder, 'recordings');
  if ((await stat(path).catch(() => null))?.isDirectory()) return path;
  if (given === undefined) return null;
  throw new UsageError(`${given}, the folder of recordings, does not exist or is not a folder.`);
}
