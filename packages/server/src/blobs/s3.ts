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
import type { Logger } from 'pino';
import type { S3Config } from '../config.ts';
import type { Clock } from '../kernel/clock.ts';
import { type BlobPage, type BlobStore, checkBlobKey, isBlobKey } from './blob-store.ts';
import {
  type Bucket,
  bucketOf,
  isAbsent,
  onStore,
  SOON,
  storeFault,
  urlOfBucket,
} from './s3-bucket.ts';
import { checkBucket } from './s3-check.ts';
import { holdCredentials } from './s3-credentials.ts';
import { openUrlSigner } from './s3-presign.ts';
import { openRemover } from './s3-versions.ts';
import { signingWindow } from './signing-window.ts';

// The smallest part that S3 takes: an upload holds three of them in memory at most.
const PART_BYTES = 5 * 1024 * 1024;
const PARTS_AT_ONCE = 2;
const MAX_SIGNED_SECONDS = 604_800;
const CLOSE_MILLISECONDS = 5_000;

/**
 * Blobs as objects of an S3 bucket, at `<prefix><businessId>/<random>`. StartError where the bucket
 * does not answer, or refuses what the store needs.
 */
export async function openS3Blobs(
  config: S3Config,
  parts: { readonly clock: Clock; readonly log: Logger },
): Promise<BlobStore> {
  const bucket = bucketOf(config);
  const { client, name, prefix } = bucket;
  try {
    await checkBucket(bucket, config);
  } catch (error) {
    client.destroy();
    throw error;
  }
  const credentials = await holdCredentials(() => client.config.credentials(), parts);
  const url = await urlOfBucket(bucket, config);
  const sign = openUrlSigner(url, await client.config.region());
  const remove = openRemover(bucket);
  const place = (key: string) => ({ Bucket: name, Key: prefix + checkBlobKey(key) });
  // No blob's key.
  const ownerPlace = { Bucket: name, Key: `${prefix}owner` };
  const underWay = new Set<Promise<unknown>>();

  return {
    origin: url.origin,
    async put(key, source, contentType) {
      const writing = upload(bucket, place(key), source, contentType);
      underWay.add(writing);
      return writing.finally(() => underWay.delete(writing));
    },
    async read(key, range) {
      const wanted = range && { Range: `bytes=${range.start}-${range.end}` };
      const command = new GetObjectCommand({ ...place(key), ...wanted });
      try {
        const { Body } = await client.send(command, SOON);
        return Body instanceof Readable ? withFaults(Body) : Readable.from([]);
      } catch (error) {
        if (isAbsent(error)) return null;
        if (error instanceof Error && error.name === 'InvalidRange') return Readable.from([]);
        throw storeFault(error);
      }
    },
    async size(key) {
      const command = new HeadObjectCommand(place(key));
      try {
        return (await client.send(command, SOON)).ContentLength ?? 0;
      } catch (error) {
        if (isAbsent(error)) return null;
        throw storeFault(error);
      }
    },
    remove: async (key) => onStore(remove(checkBlobKey(key))),
    presign(key, ttlSeconds, contentType) {
      const ttl = Math.min(ttlSeconds, MAX_SIGNED_SECONDS);
      // The signed text has whole seconds.
      const { signedAt, expiresAt } = signingWindow(parts.clock.now(), ttl, 1000);
      const current = credentials.current();
      // What is signed with keys that run out ends with them.
      const end = Math.min(expiresAt, current.expiration?.getTime() ?? expiresAt);
      const seconds = Math.max(Math.floor((end - signedAt) / 1000), 1);
      const path = prefix + checkBlobKey(key);
      return sign(current, { path, now: signedAt, seconds, contentType });
    },
    list: (businessId, position) => onStore(listObjects(bucket, businessId, position)),
    removeUnfinished: (instant) => onStore(abortUploads(bucket, instant)),
    async owner() {
      try {
        const { Body } = await client.send(new GetObjectCommand(ownerPlace), SOON);
        return (await Body?.transformToString()) ?? null;
      } catch (error) {
        if (isAbsent(error)) return null;
        throw storeFault(error);
      }
    },
    async setOwner(databaseId) {
      const object = { ...ownerPlace, Body: databaseId, ContentType: 'text/plain' };
      await onStore(client.send(new PutObjectCommand(object), SOON));
    },
    async close() {
      const patience = sleep(CLOSE_MILLISECONDS, undefined, { ref: false });
      await Promise.race([Promise.allSettled(underWay), patience]);
      credentials.close();
      client.destroy();
    },
  };
}

/** As one object, or in parts, which are given up where it does not come to an end. */
async function upload(
  { client }: Bucket,
  place: { Bucket: string; Key: string },
  source: AsyncIterable<Uint8Array>,
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
      queueSize: PARTS_AT_ONCE,
    }).done();
    return { bytes };
  } catch (error) {
    throw broken ? broken.error : storeFault(error);
  }
}

/** The same bytes; a connection that breaks off is a fault of the store. */
function withFaults(body: Readable): Readable {
  async function* chunks() {
    try {
      yield* body;
    } catch (error) {
      throw storeFault(error);
    }
  }
  const stream = Readable.from(chunks(), { objectMode: false });
  // A generator that nobody has begun to read does not let go of it.
  stream.once('close', () => body.destroy());
  return stream;
}

/** By key; the position is the last key. */
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
    SOON,
  );
  const found = Contents.map(({ Key = '', Size = 0, LastModified }) => ({
    key: Key.slice(prefix.length),
    bytes: Size,
    writtenAt: LastModified?.getTime() ?? Date.now(),
  }));
  // Whoever shares the bucket may have something below our prefix; it is not ours to know.
  const blobs = found.filter(({ key }) => isBlobKey(key));
  return { blobs, next: IsTruncated ? (found.at(-1)?.key ?? null) : null };
}

/** Gives up uploads in parts that a process has left; an upload that is done since is no error. */
async function abortUploads({ client, name, prefix }: Bucket, before: number): Promise<number> {
  let aborted = 0;
  let marker: { KeyMarker?: string; UploadIdMarker?: string } = {};
  for (;;) {
    const page = await client.send(
      new ListMultipartUploadsCommand({ Bucket: name, Prefix: prefix, ...marker }),
      SOON,
    );
    for (const { Key = '', UploadId, Initiated } of page.Uploads ?? []) {
      const isOld = Initiated !== undefined && Initiated.getTime() < before;
      if (!isOld || !isBlobKey(Key.slice(prefix.length))) continue;
      await client
        .send(new AbortMultipartUploadCommand({ Bucket: name, Key, UploadId }), SOON)
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
