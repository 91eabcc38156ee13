import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { extract } from 'tar-stream';
import { END, type End, EntriesHash, FORMAT, MANIFEST, type Manifest } from './archive.ts';

/** The message is for the operator. */
export class ArchiveError extends Error {}

export interface ArchiveEntry {
  readonly name: string;
  /** Must be read to the end before the next entry is requested. */
  readonly bytes: AsyncIterable<Uint8Array>;
}

/** Larger than any manifest or end entry. */
const MAX_JSON = 16 * 1024 * 1024;

export interface Archive {
  readonly manifest: Manifest;
  /** ArchiveError at the end if the archive is incomplete or modified. */
  readonly entries: AsyncGenerator<ArchiveEntry>;
}

/** ArchiveError if the file is not a backup, or is from a later release. */
export async function openArchive(path: string): Promise<Archive> {
  const entries = readEntries(path);
  const { value: first } = await entries.next();
  if (first?.name !== MANIFEST) throw notABackup();
  return { manifest: manifestOf(await textOf(first.bytes)), entries };
}

async function* readEntries(path: string): AsyncGenerator<ArchiveEntry, undefined> {
  const tar = extract();
  const reading = pipeline(createReadStream(path), tar);
  // The loop below reports the error too.
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
  if (hash.entries === 0) throw notABackup();
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
    if (size > MAX_JSON) throw notABackup();
  }
  return Buffer.concat(chunks).toString('utf8');
}

function manifestOf(text: string): Manifest {
  let manifest: Manifest;
  try {
    manifest = JSON.parse(text);
  } catch {
    throw notABackup();
  }
  if (manifest?.Backup !== 'colloquy') throw notABackup();
  if (manifest.Format > FORMAT) throw ofNewerRelease(manifest);
  return manifest;
}

/** Excludes errors of reading the file. */
const isOfTar = (error: unknown) =>
  error instanceof Error && !('syscall' in error) && !(error instanceof ArchiveError);

export const ofNewerRelease = ({ Release }: Manifest) =>
  new ArchiveError(
    `The backup was taken by a newer release (${Release}); restore it with that one or a later one.`,
  );
const notABackup = () => new ArchiveError('This is not a backup of Colloquy.');
const damaged = (cause: unknown) =>
  new ArchiveError('The archive is damaged, or a part of it is missing; restore another one.', {
    cause,
  });
