import {
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import type { S3Config } from '../config.ts';
import { StartError } from '../kernel/start-error.ts';
import { type Bucket, isNotImplemented, SHORT_TIMEOUT } from './s3-bucket.ts';

/** Makes the requests that erasing needs. StartError with what the operator must change. */
export async function checkBucket(bucket: Bucket, config: S3Config): Promise<void> {
  const { client, name, prefix } = bucket;
  const begin = { Bucket: name, Prefix: prefix, MaxKeys: 1 };
  await client.config.region().catch((cause: unknown) => {
    throw new StartError('S3_BUCKET is set, but no region is; give S3_REGION.', { cause });
  });
  await client.config.credentials().catch((cause: unknown) => {
    throw new StartError(
      `S3_BUCKET is set, but there are no AWS credentials (${reason(cause)}); give AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, a profile or a role.`,
      { cause },
    );
  });
  const where = `the bucket ${name}${config.endpoint === null ? '' : ` at ${config.endpoint}`}`;
  const fail = (cause: unknown, permission: string) => {
    throw new StartError(`${where} ${problemOf(cause, permission)}`, { cause });
  };
  await client
    .send(new ListObjectsV2Command(begin), SHORT_TIMEOUT)
    .catch((error: unknown) => fail(error, 's3:ListBucket'));
  await client
    .send(new ListObjectVersionsCommand(begin), SHORT_TIMEOUT)
    .catch((error: unknown) => isNotImplemented(error) || fail(error, 's3:ListBucketVersions'));
}

function problemOf(error: unknown, permission: string): string {
  if (!(error instanceof S3ServiceException) || error.$response === undefined) {
    return `does not answer (${reason(error)}); is S3_ENDPOINT right?`;
  }
  if (error.name === 'NoSuchBucket') return 'does not exist.';
  const status = error.$metadata.httpStatusCode;
  return status === 403
    ? `refuses these credentials (${reason(error)}); they need ${permission}.`
    : `answers ${status} (${reason(error)}); are S3_REGION and S3_FORCE_PATH_STYLE right?`;
}

function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.message === '' || error.message === 'UnknownError' ? error.name : error.message;
}
