import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ListMultipartUploadsCommand, ListObjectVersionsCommand } from '@aws-sdk/client-s3';
import { pino } from 'pino';
import type { BlobStore } from '../../packages/server/src/blobs/blob-store.ts';
import { openDiskBlobs } from '../../packages/server/src/blobs/disk.ts';
import { openS3Blobs } from '../../packages/server/src/blobs/s3.ts';
import type { S3Config } from '../../packages/server/src/config.ts';
import type { Clock } from '../../packages/server/src/kernel/clock.ts';
import { CREDENTIALS, hasSwift, openSwift, REGION, type Swift } from './swift.ts';

if (!hasSwift()) {
  console.log(
    'Left out: the tests of S3 (Debian packages swift-proxy, swift-account, swift-container, swift-object, memcached).',
  );
}

export interface StoreUnderTest extends AsyncDisposable {
  readonly blobs: BlobStore;
  contents(): Promise<string[]>;
}

export function s3Config(swift: Swift, bucket: string): S3Config {
  // The SDK reads credentials from the environment, as in production.
  process.env.AWS_ACCESS_KEY_ID = CREDENTIALS.accessKeyId;
  process.env.AWS_SECRET_ACCESS_KEY = CREDENTIALS.secretAccessKey;
  return {
    bucket,
    endpoint: swift.endpoint,
    publicEndpoint: null,
    region: REGION,
    prefix: 'calls/main/',
    forcePathStyle: true,
  };
}

/** Names the installation of a store; a server writes it some time after its start. */
const OWNER = /(^|\/)owner$/;

/** Object versions, delete markers and multipart uploads, without the ledger and the owner. */
export async function bucketContents({ client }: Swift, bucket: string): Promise<string[]> {
  const versions = await client.send(new ListObjectVersionsCommand({ Bucket: bucket }));
  const uploads = await client.send(new ListMultipartUploadsCommand({ Bucket: bucket }));
  return [
    ...(versions.Versions ?? []),
    ...(versions.DeleteMarkers ?? []),
    ...(uploads.Uploads ?? []),
  ]
    .map(({ Key = '' }) => Key)
    .filter((key) => !key.includes('ledger/') && !OWNER.test(key));
}

export async function folderContents(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => entry.name)
    .filter((name) => !OWNER.test(name));
}

export const STORES: Record<string, (clock: Clock) => Promise<StoreUnderTest>> = {
  async disk() {
    const folder = await mkdtemp(join(tmpdir(), 'colloquy-blobs-'));
    return {
      blobs: await openDiskBlobs(folder),
      contents: () => folderContents(folder),
      [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
    };
  },
  ...(hasSwift() && {
    s3: (clock) => openInBucket(clock),
    's3 with versions': (clock) => openInBucket(clock, 'versioned'),
  }),
};

async function openInBucket(clock: Clock, versioned?: 'versioned'): Promise<StoreUnderTest> {
  const swift = await openSwift();
  const bucket = await swift.newBucket(versioned);
  const log = pino({ level: 'silent' });
  const blobs = await openS3Blobs(s3Config(swift, bucket), { clock, log });
  return {
    blobs,
    contents: () => bucketContents(swift, bucket),
    async [Symbol.asyncDispose]() {
      await blobs.close();
      await swift[Symbol.asyncDispose]();
    },
  };
}
