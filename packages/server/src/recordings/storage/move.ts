import { createHash } from 'node:crypto';
import { systemScope } from '../../access/authorization/scope.ts';
import { type BlobStore, businessOfBlob, type StoredBlob } from '../../blobs/blob-store.ts';
import { Fault } from '../../kernel/fault.ts';
import type { Db } from '../../kernel/postgres/database.ts';
import { type Claim, findClaims } from './claims-store.ts';
import { readHash } from './read-hash.ts';

export interface MoveParts {
  readonly db: Db;
  readonly from: BlobStore;
  readonly to: BlobStore;
}

export type MoveOutcome =
  | { readonly kind: 'moved' | 'erased meanwhile' }
  | { readonly kind: 'left'; readonly why: 'nothing claims it' | 'it is damaged' };

const CONCURRENT_MOVES = 4;

/**
 * Servers read from both stores meanwhile. Verifies each copy before it deletes the original, so
 * that an interrupted move can be repeated. Run only one at a time. UNAVAILABLE.
 */
export async function moveBlobs(
  parts: MoveParts,
  onEach: (blob: StoredBlob, outcome: MoveOutcome) => void,
): Promise<void> {
  for await (const page of pagesOf(parts.from)) {
    const groups = Map.groupBy(page, ({ key }) => businessOfBlob(key));
    for (const [businessId, blobs] of groups) {
      const keys = blobs.map(({ key }) => key);
      const claims = await findClaims(parts.db, systemScope(businessId), keys);
      const waiting = blobs.values();
      await Promise.all(
        Array.from({ length: CONCURRENT_MOVES }, async () => {
          for (const blob of waiting) {
            onEach(blob, await moveOne(parts, businessId, blob, claims.get(blob.key)));
          }
        }),
      );
    }
  }
}

export async function* pagesOf(store: BlobStore): AsyncGenerator<readonly StoredBlob[]> {
  let position: string | null = null;
  do {
    const page = await store.list(null, position);
    yield page.blobs;
    position = page.next;
  } while (position !== null);
}

async function moveOne(
  parts: MoveParts,
  businessId: number,
  blob: StoredBlob,
  claim: Claim | undefined,
): Promise<MoveOutcome> {
  if (!claim) return { kind: 'left', why: 'nothing claims it' };
  const { db, from, to } = parts;
  const copied = await copy(parts, blob, claim);
  if (copied === 'gone') return { kind: 'erased meanwhile' };
  // A deletion first releases the blob in the database and then removes it from both stores. If the
  // blob is still claimed now, that removal comes after our copy and includes it.
  const claimedNow = await findClaims(db, systemScope(businessId), [blob.key]);
  if (!claimedNow.has(blob.key)) {
    await to.remove(blob.key);
    return { kind: 'erased meanwhile' };
  }
  if (copied === 'damaged') {
    await to.remove(blob.key);
    return { kind: 'left', why: 'it is damaged' };
  }
  await from.remove(blob.key);
  return { kind: 'moved' };
}

async function copy(
  { from, to }: MoveParts,
  { key }: StoredBlob,
  claim: Claim,
): Promise<'the same' | 'gone' | 'damaged'> {
  if (claim.sha256 !== null && (await readHash(to, key)).sha256 === claim.sha256) return 'the same';
  const stream = await from.read(key);
  if (stream === null) return 'gone';
  const hash = createHash('sha256');
  async function* hashed(source: AsyncIterable<Buffer>) {
    for await (const chunk of source) {
      hash.update(chunk);
      yield chunk;
    }
  }
  try {
    await to.put(key, hashed(stream), claim.contentType ?? undefined);
  } catch (error) {
    if (error instanceof Fault) throw error;
    return 'damaged'; // a disk error while reading
  }
  const wanted = claim.sha256 ?? hash.digest('hex');
  return (await readHash(to, key)).sha256 === wanted ? 'the same' : 'damaged';
}
