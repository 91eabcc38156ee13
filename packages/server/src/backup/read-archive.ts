import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { extract } from 'tar-stream';
import { END, type End, EntriesHash, FORMAT, MANIFEST, type Manifest } from './archive.ts';

/** An archive that cannot be used; the message is for the operator. */
export class ArchiveError extends Error {}

export interface ArchiveEntry {
  readonly name: string;
  /** To be read to its end before the next entry is asked for. */
  readonly bytes: AsyncIterable<Uint8Array>;
}

/** More than any manifest, and any end, is long. */
const MAX_JSON = 16 * 1024 * 1024;

export interface Archive {
  readonly manifest: Manifest;
  /**
   * What is behind the manifest. After the last entry it fails with an ArchiveError where the archive
   * is not whole, or not as it was written.
   */
  readonly entries: AsyncGenerator<ArchiveEntry>;
}

/** ArchiveError where it is no archive of ours, or one that only a later release can read. */
export async function openArchive(path: string): Promise<Archive> {
  const entries = readEntries(path);
  const { value: first } = await entries.next();
  if (first?.name !== MANIFEST) throw notOurs();
  return { manifest: manifestOf(await textOf(first.bytes)), entries };
}

async function* readEntries(path: string): AsyncGenerator<ArchiveEntry, undefined> {
  const tar = extract();
  const reading = pipeline(createReadStream(path), tar);
  // The loop below tells it too.
  reading.catch(() => undefined);
  const hash = new EntriesHash();
  let end: End | null = null;
  try {
    for await (const entry of tar) {
      const { name, size = 0 } = entry.header;
      const bytes = entry as unknown as AsyncIterable<Uint8Array>;
      if (end) throw damaged(null);
      if (name === END) {
        end = JSON.parse(await textOf(bytes)) as End;
        continue;
      }
      hash.begin(name, size);
      yield { name, bytes: hashed(bytes, hash) };
    }
    await reading;
  } catch (error) {
    throw isOfTar(error) ? damaged(error) : error;
  }
  if (hash.entries === 0) throw notOurs();
  if (end?.Entries !== hash.entries || end.Sha256 !== hash.digest()) throw damaged(null);
}

async function* hashed(source: AsyncIterable<Uint8Array>, hash: EntriesHash) {
  try {
    for await (const chunk of source) {
      hash.update(chunk);
      yield chunk;
    }
  } catch (error) {
    throw isOfTar(error) ? damaged(error) : error;
  }
}

async function textOf(bytes: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of bytes) {
    chunks.push(chunk);
    size += chunk.length;
    if (size > MAX_JSON) throw notOurs();
  }
  return Buffer.concat(chunks).toString('utf8');
}

function manifestOf(text: string): Manifest {
  let manifest: Manifest;
  try {
    manifest = JSON.parse(text);
  } catch {
    throw notOurs();
  }
  if (manifest?.Backup !== 'colloquy') throw notOurs();
  if (manifest.Format > FORMAT) {
    throw new ArchiveError(
      `The backup was taken by a newer release (${manifest.Release}); restore it with that one or a later one.`,
    );
  }
  return manifest;
}

/** Any but that the file cannot be read. */
const isOfTar = (error: unknown) =>
  error instanceof Error && !('syscall' in error) && !(error instanceof ArchiveError);

const notOurs = () => new ArchiveError('This is no backup of Colloquy.');
const damaged = (cause: unknown) =>
  new ArchiveError('The archive is damaged, or a part of it is missing; restore another one.', {
    cause,
  });
