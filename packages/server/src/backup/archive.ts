import { createHash, type Hash } from 'node:crypto';
import { once } from 'node:events';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { type Pack, pack } from 'tar-stream';
import type { Sequence, Table } from '../kernel/postgres/table-copy.ts';

// A backup is a tar archive of, in this order:
//   manifest.json                 Manifest
//   tables/<name>/<000001>.gz     COPY output of a table, split anywhere
//   jobs/<000001>.gz              waiting jobs, likewise (kernel/jobs/jobs-copy.ts)
//   recordings/<blob key>         a blob
//   end.json                      End; without it the archive is incomplete
export const MANIFEST = 'manifest.json';
export const END = 'end.json';
export const JOBS = 'jobs';
export const TABLES = 'tables/';
export const RECORDINGS = 'recordings/';

export const FORMAT = 1;

export interface Manifest {
  readonly Backup: 'colloquy';
  readonly Format: number;
  readonly Release: string;
  readonly TakenAt: string;
  readonly Migration: number;
  readonly Installation: string;
  readonly SecretCheck: string;
  readonly Tables: readonly Table[];
  readonly Sequences: readonly Sequence[];
  /** null: recordings are not included. */
  readonly Recordings: number | null;
}

export interface End {
  readonly Entries: number;
  /** See `EntriesHash`. */
  readonly Sha256: string;
  /** Recordings deleted or replaced while the archive was written. */
  readonly LeftOut: number;
}

/** SHA-256 of all entries: `<name>\n<bytes>\n`, then the content of each. */
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
// Fastest level: text compresses well anyway, and the server has other work.
const compress = promisify(gzip);

/** Each method waits for the reader of the archive. */
export class ArchiveWriter {
  readonly #pack: Pack;
  readonly #mtime: Date;
  readonly #hash = new EntriesHash();
  readonly #closed: Promise<never>;

  constructor(takenAt: number) {
    this.#pack = pack();
    this.#mtime = new Date(takenAt);
    const closed = Promise.withResolvers<never>();
    this.#pack.once('close', () =>
      closed.reject(new Error('the reader of the archive has stopped')),
    );
    this.#closed = closed.promise;
    this.#closed.catch(() => undefined);
  }

  get bytes(): Pack & AsyncIterable<Uint8Array> {
    return this.#pack as Pack & AsyncIterable<Uint8Array>;
  }

  async json(name: string, value: unknown): Promise<void> {
    await this.#whole(name, Buffer.from(`${JSON.stringify(value, null, 2)}\n`));
  }

  /** In parts of some megabytes, because tar headers contain the size. */
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

  /** Throws if the source does not have `size` bytes. */
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
    return Promise.race([work, this.#closed]);
  }
}
