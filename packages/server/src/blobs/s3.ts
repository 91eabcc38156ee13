import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  AbortMultipartUploadCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import type { S3Config } from '../config.ts';
import {
  type BlobPage,
  type BlobParts,
  type BlobStore,
  type ByteSource,
  checkBlobKey,
  isBlobKey,
  onStore,
  storeFault,
} from './blob-store.ts';
import {
  type Bucket,
  bucketOf,
  isAbsent,
  SHORT_TIMEOUT,
  unlessAbsent,
  urlOfBucket,
} from './s3-bucket.ts';
import { checkBucket } from './s3-check.ts';
import { cacheCredentials } from './s3-credentials.ts';
import { openUrlSigner } from './s3-presign.ts';
import { openRemover } from './s3-versions.ts';
import { signingWindow } from './signing-window.ts';

// The smallest part size of S3. An upload holds at most three parts in memory.
const PART_BYTES = 5 * 1024 * 1024;
const MAX_CONCURRENT_PARTS = 2;
const MAX_SIGNED_SECONDS = 604_800;
const CLOSE_MILLISECONDS = 5_000;

/** At `<prefix><businessId>/<random>`. StartError if the bucket refuses necessary requests. */
export async function openS3Blobs(config: S3Config, parts: BlobParts): Promise<BlobStore> {
  const bucket = bucketOf(config);
  const { client } = bucket;
  try {
    await checkBucket(bucket, config);
  } catch (error) {
    client.destroy();
    throw error;
  }
  const credentials = await cacheCredentials(() => client.config.credentials(), parts);
  const endpoint = config.publicEndpoint ?? config.endpoint;
  const url = await urlOfBucket(bucket, { ...config, endpoint });
  const sign = openUrlSigner(url, await client.config.region());
  const uploads = new Set<Promise<unknown>>();
  return {
    origin: url.origin,
    ...blobMethods(bucket),
    ...ownerMethods(bucket),
    async put(key, source, contentType) {
      const uploading = upload(bucket, placeOf(bucket, key), source, contentType);
      uploads.add(uploading);
      return uploading.finally(() => uploads.delete(uploading));
    },
    presign(key, ttlSeconds, contentType) {
      const ttl = Math.min(ttlSeconds, MAX_SIGNED_SECONDS);
      // Signed URLs have whole seconds.
      const { signedAt, expiresAt } = signingWindow(parts.clock.now(), ttl, 1000);
      const current = credentials.current();
      // Presigned URLs expire with temporary (role) credentials.
      const end = Math.min(expiresAt, current.expiration?.getTime() ?? expiresAt);
      const seconds = Math.max(Math.floor((end - signedAt) / 1000), 1);
      const path = bucket.prefix + checkBlobKey(key);
      return sign(current, { path, now: signedAt, seconds, contentType });
    },
    async close() {
      const timeout = sleep(CLOSE_MILLISECONDS, undefined, { ref: false });
      await Promise.race([Promise.allSettled(uploads), timeout]);
      credentials.close();
      client.destroy();
    },
  };
}

const placeOf = ({ name, prefix }: Bucket, key: string) => ({
  Bucket: name,
  Key: prefix + checkBlobKey(key),
});

function blobMethods(
  bucket: Bucket,
): Pick<BlobStore, 'read' | 'size' | 'remove' | 'list' | 'removeUnfinished'> {
  const { client } = bucket;
  const remove = openRemover(bucket);
  return {
    async read(key, range) {
      const byteRange = range && { Range: `bytes=${range.start}-${range.end}` };
      const command = new GetObjectCommand({ ...placeOf(bucket, key), ...byteRange });
      try {
        const { Body } = await client.send(command, SHORT_TIMEOUT);
        return Body instanceof Readable ? withFaults(Body) : Readable.from([]);
      } catch (error) {
        if (isAbsent(error)) return null;
        if (error instanceof Error && error.name === 'InvalidRange') return Readable.from([]);
        throw storeFault(error);
      }
    },
    async size(key) {
      const command = new HeadObjectCommand(placeOf(bucket, key));
      const head = await unlessAbsent(client.send(command, SHORT_TIMEOUT));
      return head && (head.ContentLength ?? 0);
    },
    remove: async (key) => onStore(remove(checkBlobKey(key))),
    list: (businessId, position) => onStore(listObjects(bucket, businessId, position)),
    removeUnfinished: (instant) => onStore(abortUploads(bucket, instant)),
  };
}

function ownerMethods({ client, name, prefix }: Bucket): Pick<BlobStore, 'owner' | 'setOwner'> {
  // Not a valid blob key.
  const place = { Bucket: name, Key: `${prefix}owner` };
  return {
    async owner() {
      const object = client.send(new GetObjectCommand(place), SHORT_TIMEOUT);
      return (await unlessAbsent(object.then(({ Body }) => Body?.transformToString()))) ?? null;
    },
    async setOwner(databaseId) {
      const object = { ...place, Body: databaseId, ContentType: 'text/plain' };
      await onStore(client.send(new PutObjectCommand(object), SHORT_TIMEOUT));
    },
  };
}

async function upload(
  { client }: Bucket,
  place: { Bucket: string; Key: string },
  source: ByteSource,
  contentType: string | undefined,
): Promise<{ bytes: number }> {
  let bytes = 0;
  let broken: { error: unknown } | undefined;
  async function* counted() {
    try {
      for await (const chunk of source) {
        bytes += chunk.length;
        yield chunk;
      }
    } catch (error) {
      broken = { error };
      throw error;
    }
  }
  try {
    const Body = Readable.from(counted(), { objectMode: false });
    await new Upload({
      client,
      params: { ...place, Body, ContentType: contentType },
      partSize: PART_BYTES,
      queueSize: MAX_CONCURRENT_PARTS,
    }).done();
    return { bytes };
  } catch (error) {
    throw broken ? broken.error : storeFault(error);
  }
}

/** Converts connection errors into faults. */
function withFaults(body: Readable): Readable {
  async function* chunks() {
    try {
      yield* body;
    } catch (error) {
      throw storeFault(error);
    }
  }
  const stream = Readable.from(chunks(), { objectMode: false });
  // Destroying a generator that was never started does not close the body.
  stream.once('close', () => body.destroy());
  return stream;
}

async function listObjects(
  { client, name, prefix }: Bucket,
  businessId: number | null,
  position: string | null,
): Promise<BlobPage> {
  const { Contents = [], IsTruncated } = await client.send(
    new ListObjectsV2Command({
      Bucket: name,
      Prefix: businessId === null ? prefix : `${prefix}${businessId}/`,
      ...(position !== null && { StartAfter: prefix + position }),
    }),
    SHORT_TIMEOUT,
  );
  const found = Contents.map(({ Key = '', Size = 0, LastModified }) => ({
    key: Key.slice(prefix.length),
    bytes: Size,
    writtenAt: LastModified?.getTime() ?? Date.now(),
  }));
  // Others may store objects below the same prefix.
  const blobs = found.filter(({ key }) => isBlobKey(key));
  return { blobs, next: IsTruncated ? (found.at(-1)?.key ?? null) : null };
}

/** Aborts abandoned multipart uploads. An upload that has already ended is not an error. */
async function abortUploads({ client, name, prefix }: Bucket, before: number): Promise<number> {
  let aborted = 0;
  let marker: { KeyMarker?: string; UploadIdMarker?: string } = {};
  for (;;) {
    const page = await client.send(
      new ListMultipartUploadsCommand({ Bucket: name, Prefix: prefix, ...marker }),
      SHORT_TIMEOUT,
    );
    for (const { Key = '', UploadId, Initiated } of page.Uploads ?? []) {
      const isOld = Initiated !== undefined && Initiated.getTime() < before;
      if (!isOld || !isBlobKey(Key.slice(prefix.length))) continue;
      await client
        .send(new AbortMultipartUploadCommand({ Bucket: name, Key, UploadId }), SHORT_TIMEOUT)
        .catch((error: unknown) => {
          if (!isAbsent(error)) throw error;
        });
      aborted += 1;
    }
    const { NextKeyMarker, NextUploadIdMarker } = page;
    if (!page.IsTruncated || !NextKeyMarker || !NextUploadIdMarker) return aborted;
    marker = { KeyMarker: NextKeyMarker, UploadIdMarker: NextUploadIdMarker };
  }
}
