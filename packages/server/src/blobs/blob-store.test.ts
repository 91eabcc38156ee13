import { randomBytes } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { STORES, type StoreUnderTest } from '../../../../test/servers/blob-stores.ts';
import { type BlobStore, businessOfBlob } from './blob-store.ts';

const resources = new AsyncDisposableStack();
afterAll(() => resources.disposeAsync());

async function* pieces(...chunks: (Uint8Array | string | Error)[]) {
  for (const chunk of chunks) {
    await new Promise(setImmediate);
    if (chunk instanceof Error) throw chunk;
    yield typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
  }
}

const newKey = (businessId = 7) => `${businessId}/${randomBytes(16).toString('hex')}`;
const nameOf = (key: string) => key.split('/')[1] ?? '';

async function listAll(blobs: BlobStore, businessId: number | null) {
  const found = [];
  let position: string | null = null;
  do {
    const page = await blobs.list(businessId, position);
    found.push(...page.blobs);
    position = page.next;
  } while (position !== null);
  return found;
}

describe.each(Object.entries(STORES))('blobs in %s', (_name, open) => {
  let store: StoreUnderTest;
  let blobs: BlobStore;
  beforeAll(async () => {
    store = resources.use(await open({ now: () => Date.now() }));
    blobs = store.blobs;
  });
  const text = async (key: string, range?: { start: number; end: number }) => {
    const stream = await blobs.read(key, range);
    return stream && (await buffer(stream)).toString();
  };

  test('a blob exists after it is put, and no longer after it is removed', async () => {
    const key = newKey();
    expect([await blobs.size(key), await blobs.read(key)]).toEqual([null, null]);
    expect(await blobs.put(key, pieces('hello, ', 'wor', 'ld'), 'audio/wav')).toEqual({
      bytes: 12,
    });
    expect([await blobs.size(key), await text(key)]).toEqual([12, 'hello, world']);
    await blobs.remove(key);
    await blobs.remove(key);
    expect([await blobs.size(key), await blobs.read(key)]).toEqual([null, null]);
    expect(await store.contents()).toEqual([]);
  });

  test('a blob may be empty', async () => {
    const key = newKey();
    expect(await blobs.put(key, pieces())).toEqual({ bytes: 0 });
    expect([await blobs.size(key), await text(key)]).toEqual([0, '']);
    await blobs.remove(key);
  });

  test('a range includes both ends', async () => {
    const key = newKey();
    await blobs.put(key, pieces('0123456789'));
    expect(await text(key, { start: 2, end: 4 })).toBe('234');
    expect(await text(key, { start: 9, end: 9 })).toBe('9');
    expect(await text(key, { start: 7, end: 99 })).toBe('789');
    expect(await text(key, { start: 10, end: 12 })).toBe('');
    await blobs.remove(key);
  });

  test('a large blob is stored in parts and read back unchanged', async () => {
    const key = newKey();
    const chunk = randomBytes(1_000_000);
    const chunks = Array.from({ length: 13 }, () => chunk);
    expect(await blobs.put(key, pieces(...chunks))).toEqual({ bytes: 13_000_000 });
    const stream = await blobs.read(key);
    expect(stream && (await buffer(stream)).equals(Buffer.concat(chunks))).toBe(true);
    expect(await text(key, { start: 11_000_000, end: 11_000_009 })).toBe(
      chunk.subarray(0, 10).toString(),
    );
    await blobs.remove(key);
    expect(await store.contents()).toEqual([]);
  });

  test('a source that fails leaves no blob', async () => {
    const reset = new Error('aborted');
    await expect(blobs.put(newKey(), pieces('half of i', reset))).rejects.toBe(reset);
    // Large enough that one part is stored and another in progress.
    const large = Array.from({ length: 12 }, () => Buffer.alloc(1024 * 1024));
    await expect(blobs.put(newKey(), pieces(...large, reset))).rejects.toBe(reset);
    expect(await store.contents()).toEqual([]);
  });

  test('concurrent puts do not mix their contents', async () => {
    const stored = Array.from({ length: 60 }, () => ({ key: newKey(), bytes: randomBytes(9_999) }));
    await Promise.all(stored.map(({ key, bytes }) => blobs.put(key, pieces(bytes, bytes))));
    for (const { key, bytes } of stored) {
      const stream = await blobs.read(key);
      expect(stream && (await buffer(stream)).equals(Buffer.concat([bytes, bytes]))).toBe(true);
    }
    // One by one: on busy cores Swift does not answer sixty removals within the time limit of one.
    for (const { key } of stored) await blobs.remove(key);
    expect(await store.contents()).toEqual([]);
  });

  test('a blob that is removed while it is read can be read to its end', async () => {
    const key = newKey();
    await blobs.put(key, pieces('still here'));
    const stream = await blobs.read(key);
    await blobs.remove(key);
    expect(stream && (await buffer(stream)).toString()).toBe('still here');
  });

  test('a reader may stop before the end, or never begin, without blocking connections', async () => {
    const key = newKey();
    await blobs.put(key, pieces(Buffer.alloc(1_000_000)));
    // More often than there are connections.
    for (let round = 0; round < 150; round += 1) (await blobs.read(key))?.destroy();
    for await (const chunk of (await blobs.read(key)) ?? []) {
      expect(chunk.length).toBeGreaterThan(0);
      break;
    }
    expect(await blobs.size(key)).toBe(1_000_000);
    await blobs.remove(key);
  });

  test('blobs are listed by business or all together, with size and age', async () => {
    const keys = [newKey(7), newKey(7), newKey(70), newKey(8)];
    const before = Date.now();
    for (const [index, key] of keys.entries()) await blobs.put(key, pieces('x'.repeat(index)));
    const all = await listAll(blobs, null);
    expect(all.map(({ key }) => key).sort()).toEqual([...keys].sort());
    for (const { key, bytes, writtenAt } of all) {
      expect(bytes).toBe(keys.indexOf(key));
      // Some stores round to whole seconds.
      expect(Math.abs(writtenAt - before)).toBeLessThan(60_000);
    }
    for (const business of [7, 70, 8, 9]) {
      expect((await listAll(blobs, business)).map(({ key }) => key).sort()).toEqual(
        keys.filter((key) => businessOfBlob(key) === business).sort(),
      );
    }
    for (const key of keys) await blobs.remove(key);
    expect(await listAll(blobs, null)).toEqual([]);
  });

  test('blob keys of an unknown form are refused', async () => {
    const strange = ['', '7', '7/', '7/../x', '../7/x', '7/a/b', '0/x', '7/a\0', '7/a.b', '/7/x'];
    for (const key of strange) {
      await expect(blobs.put(key, pieces('x'))).rejects.toThrow('not a blob key');
      await expect(blobs.read(key)).rejects.toThrow('not a blob key');
      await expect(blobs.size(key)).rejects.toThrow('not a blob key');
      await expect(blobs.remove(key)).rejects.toThrow('not a blob key');
    }
    expect(await store.contents()).toEqual([]);
  });

  test('closing a store waits for writes in progress', async () => {
    await using other = await open({ now: () => Date.now() });
    let proceed: () => void = () => {};
    const waiting = new Promise<void>((resolve) => {
      proceed = resolve;
    });
    async function* slow() {
      yield Buffer.from('begun, ');
      await waiting;
      yield Buffer.from('done');
    }
    const key = newKey();
    const writing = other.blobs.put(key, slow());
    const closed = other.blobs.close();
    proceed();
    await closed;
    expect(await writing).toEqual({ bytes: 11 });
    expect(await other.contents()).toEqual([expect.stringContaining(nameOf(key))]);
  });
});
