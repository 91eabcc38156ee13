import { createHash, type Hash } from 'node:crypto';
import { once } from 'node:events';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { type Pack, pack } from 'tar-stream';
import type { Sequence, Table } from '../kernel/postgres/table-copy.ts';

// A backup is a tar archive of, in this order:
//   manifest.json                 Manifest
//   tables/<name>/<000001>.gz     the rows of a table as COPY writes them, cut anywhere
//   jobs/<000001>.gz              what is to be done, likewise (base/jobs/jobs-copy.ts)
//   recordings/<blob key>         a blob
//   end.json                      End: without it the archive is not whole
export const MANIFEST = 'manifest.json';
export const END = 'end.json';
export const JOBS = 'jobs';
export const TABLES = 'tables/';
export const RECORDINGS = 'recordings/';

export const FORMAT = 1;

/** What an archive holds, and what it takes to restore it. */
export interface Manifest {
  readonly Backup: 'colloquy';
  readonly Format: number;
  /** That took it. */
  readonly Release: string;
  readonly TakenAt: string;
  /** The number of the last one that the database has. */
  readonly Migration: number;
  /** Names the database. */
  readonly Installation: string;
  /** Tells whether a SECRET is the one of this database. */
  readonly SecretCheck: string;
  readonly Tables: readonly Table[];
  readonly Sequences: readonly Sequence[];
  /** null: recordings are not in the archive. */
  readonly Recordings: number | null;
}

export interface End {
  /** The entries before this one. */
  readonly Entries: number;
  /** Over their names, sizes and bytes (`EntriesHash`), in hex. */
  readonly Sha256: string;
  /** How many recordings were erased or replaced while the archive was written. */
  readonly LeftOut: number;
}

/** SHA-256 over all entries of an archive: of each `<name>\n<bytes>\n`, then its bytes. */
export class EntriesHash {
  readonly #hash: Hash = createHash('sha256');
  entries = 0;

  begin(name: string, size: number): void {
    this.entries += 1;
    this.#hash.update(`${name}\n${size}\n`);
  }

  update(bytes: Uint8Array): void {
    this.#hash.update(bytes);
  }

  digest(): string {
    return this.#hash.digest('hex');
  }
}

const PART_BYTES = 4 * 1024 * 1024;
// The least work: it is text with few words, and the server has other things to do.
const compress = promisify(gzip);

/** Writes the entries of an archive; each method waits for whoever reads it. */
export class ArchiveWriter {
  readonly #pack: Pack;
  readonly #mtime: Date;
  readonly #hash = new EntriesHash();
  readonly #gone: Promise<never>;

  constructor(takenAt: number) {
    this.#pack = pack();
    this.#mtime = new Date(takenAt);
    const gone = Promise.withResolvers<never>();
    this.#pack.once('close', () => gone.reject(new Error('nobody reads the archive any more')));
    this.#gone = gone.promise;
    this.#gone.catch(() => undefined);
  }

  /** The bytes of the archive. */
  get bytes(): Pack & AsyncIterable<Uint8Array> {
    return this.#pack as Pack & AsyncIterable<Uint8Array>;
  }

  async json(name: string, value: unknown): Promise<void> {
    await this.#whole(name, Buffer.from(`${JSON.stringify(value, null, 2)}\n`));
  }

  /** Rows in parts of some megabytes, since an entry says how long it is before it comes. */
  async rows(name: string, rows: AsyncIterable<Uint8Array>): Promise<void> {
    let [part, size, number] = [[] as Uint8Array[], 0, 0];
    const write = async () => {
      number += 1;
      const bytes = await compress(Buffer.concat(part), { level: 1 });
      [part, size] = [[], 0];
      await this.#whole(`${name}/${String(number).padStart(6, '0')}.gz`, bytes);
    };
    for await (const chunk of rows) {
      part.push(chunk);
      size += chunk.length;
      if (size >= PART_BYTES) await write();
    }
    if (size > 0) await write();
  }

  /** Fails where the source is not as long as was said. */
  async blob(name: string, size: number, source: AsyncIterable<Uint8Array>): Promise<void> {
    this.#hash.begin(name, size);
    const written = Promise.withResolvers<void>();
    const entry: NodeJS.WritableStream = this.#pack.entry(
      { name, size, mtime: this.#mtime, mode: 0o600 },
      (error) => (error ? written.reject(error) : written.resolve()),
    );
    written.promise.catch(() => undefined);
    for await (const chunk of source) {
      this.#hash.update(chunk);
      if (!entry.write(chunk)) await this.#orGone(once(entry as NodeJS.EventEmitter, 'drain'));
    }
    entry.end();
    await this.#orGone(written.promise);
  }

  async end(leftOut: number): Promise<void> {
    const { entries } = this.#hash;
    const end: End = { Entries: entries, Sha256: this.#hash.digest(), LeftOut: leftOut };
    const bytes = Buffer.from(`${JSON.stringify(end)}\n`);
    await this.#add(END, bytes);
    this.#pack.finalize();
  }

  async #whole(name: string, bytes: Buffer): Promise<void> {
    this.#hash.begin(name, bytes.length);
    this.#hash.update(bytes);
    await this.#add(name, bytes);
  }

  async #add(name: string, bytes: Buffer): Promise<void> {
    const added = Promise.withResolvers<void>();
    this.#pack.entry({ name, mtime: this.#mtime, mode: 0o600 }, bytes, (error) =>
      error ? added.reject(error) : added.resolve(),
    );
    await this.#orGone(added.promise);
  }

  #orGone<T>(work: Promise<T>): Promise<T> {
    return Promise.race([work, this.#gone]);
  }
}
