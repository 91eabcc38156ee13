import { S3Client, S3ServiceException } from '@aws-sdk/client-s3';
import type { S3Config } from '../config.ts';
import { type Fault, unavailable } from '../kernel/fault.ts';

/** A bucket, the keys below its prefix, and the client that talks to it. */
export interface Bucket {
  readonly client: S3Client;
  readonly name: string;
  /** Empty, or with a slash at its end. */
  readonly prefix: string;
}

const CONNECT_MILLISECONDS = 3_000;
/** For a part of a large recording too, over a slow line. */
const ANSWER_MILLISECONDS = 30_000;
/** For a request that carries no bytes of a blob: somebody waits for it. */
export const SOON = { requestTimeout: 4_000 } as const;
const ATTEMPTS = 3;
const CONNECTIONS = 128;

/** Connects nowhere yet. */
export function bucketOf(config: S3Config): Bucket {
  const agent = { keepAlive: true, maxSockets: CONNECTIONS };
  const client = new S3Client({
    // A server of one's own rarely minds; what it calls its region is a setting then.
    ...(config.region !== null || config.endpoint !== null
      ? { region: config.region ?? 'us-east-1' }
      : {}),
    ...(config.endpoint !== null && { endpoint: config.endpoint }),
    forcePathStyle: config.forcePathStyle,
    // Other servers than Amazon's refuse or misread checksums that stand in the midst of a body.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    maxAttempts: ATTEMPTS,
    requestHandler: {
      connectionTimeout: CONNECT_MILLISECONDS,
      requestTimeout: ANSWER_MILLISECONDS,
      socketTimeout: ANSWER_MILLISECONDS,
      throwOnRequestTimeout: true,
      httpAgent: agent,
      httpsAgent: agent,
    },
  });
  return { client, name: config.bucket, prefix: config.prefix };
}

/** The URL under which the keys of the bucket stand, in the style that its endpoint takes. */
export async function urlOfBucket({ client, name }: Bucket, config: S3Config): Promise<URL> {
  return client.config.endpointProvider({
    Bucket: name,
    Region: await client.config.region(),
    ForcePathStyle: config.forcePathStyle,
    UseFIPS: await client.config.useFipsEndpoint(),
    UseDualStack: await client.config.useDualstackEndpoint(),
    ...(config.endpoint !== null && { Endpoint: config.endpoint }),
  }).url;
}

export function storeFault(cause: unknown): Fault {
  return unavailable('The store of recordings', cause);
}

/** Whether the store says by this error that there is no such object, or no such upload. */
export function isAbsent(error: unknown): boolean {
  return (
    error instanceof S3ServiceException &&
    ['NoSuchKey', 'NotFound', 'NoSuchUpload', 'NoSuchVersion'].includes(error.name)
  );
}

/** Whether the store says that it does not have this function at all. */
export function isNotImplemented(error: unknown): boolean {
  return (
    error instanceof S3ServiceException &&
    (error.name === 'NotImplemented' || error.$metadata.httpStatusCode === 501)
  );
}

export async function onStore<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw storeFault(error);
  }
}
