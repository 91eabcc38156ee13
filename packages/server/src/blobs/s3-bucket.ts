import { S3Client, S3ServiceException } from '@aws-sdk/client-s3';
import type { S3Config } from '../config.ts';
import { storeFault } from './blob-store.ts';

export interface Bucket {
  readonly client: S3Client;
  readonly name: string;
  readonly prefix: string;
}

const CONNECT_MILLISECONDS = 3_000;
/** Long enough to upload a part of a large recording over a slow connection. */
const REQUEST_MILLISECONDS = 30_000;
/** For requests without blob content, on which clients wait. */
export const SHORT_TIMEOUT = { requestTimeout: 4_000 } as const;
const MAX_ATTEMPTS = 3;
const MAX_CONNECTIONS = 128;

export function bucketOf(config: S3Config): Bucket {
  const agent = { keepAlive: true, maxSockets: MAX_CONNECTIONS };
  const client = new S3Client({
    // S3 servers other than Amazon's rarely need a region.
    ...(config.region !== null || config.endpoint !== null
      ? { region: config.region ?? 'us-east-1' }
      : {}),
    ...(config.endpoint !== null && { endpoint: config.endpoint }),
    forcePathStyle: config.forcePathStyle,
    // S3 servers other than Amazon's refuse or misread trailing checksums.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    maxAttempts: MAX_ATTEMPTS,
    requestHandler: {
      connectionTimeout: CONNECT_MILLISECONDS,
      requestTimeout: REQUEST_MILLISECONDS,
      socketTimeout: REQUEST_MILLISECONDS,
      throwOnRequestTimeout: true,
      httpAgent: agent,
      httpsAgent: agent,
    },
  });
  return { client, name: config.bucket, prefix: config.prefix };
}

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

export function isAbsent(error: unknown): boolean {
  return (
    error instanceof S3ServiceException &&
    ['NoSuchKey', 'NotFound', 'NoSuchUpload', 'NoSuchVersion'].includes(error.name)
  );
}

export function isNotImplemented(error: unknown): boolean {
  return (
    error instanceof S3ServiceException &&
    (error.name === 'NotImplemented' || error.$metadata.httpStatusCode === 501)
  );
}

export async function unlessAbsent<T>(work: Promise<T>): Promise<T | null> {
  try {
    return await work;
  } catch (error) {
    if (isAbsent(error)) return null;
    throw storeFault(error);
  }
}
