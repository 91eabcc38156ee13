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
  try {
    await client.config.region();
  } catch (cause) {
    throw new StartError('S3_BUCKET is set, but no region is; give S3_REGION.', { cause });
  }
  try {
    await client.config.credentials();
  } catch (cause) {
    throw new StartError(
      `S3_BUCKET is set, but there are no AWS credentials (${reason(cause)}); give AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, a profile or a role.`,
      { cause },
    );
  }
  const where = `the bucket ${name}${config.endpoint === null ? '' : ` at ${config.endpoint}`}`;
  try {
    await client.send(new ListObjectsV2Command(begin), SHORT_TIMEOUT);
  } catch (cause) {
    throw explain(cause, where, 's3:ListBucket');
  }
  try {
    await client.send(new ListObjectVersionsCommand(begin), SHORT_TIMEOUT);
  } catch (cause) {
    if (!isNotImplemented(cause)) throw explain(cause, where, 's3:ListBucketVersions');
  }
}

function explain(error: unknown, where: string, permission: string): StartError {
  const options = { cause: error };
  if (!(error instanceof S3ServiceException) || error.$response === undefined) {
    return new StartError(
      `${where} does not answer (${reason(error)}); is S3_ENDPOINT right?`,
      options,
    );
  }
  if (error.name === 'NoSuchBucket') return new StartError(`${where} does not exist.`, options);
  if (error.$metadata.httpStatusCode === 403) {
    return new StartError(
      `${where} refuses these credentials (${reason(error)}); they need ${permission}.`,
      options,
    );
  }
  return new StartError(
    `${where} answers ${error.$metadata.httpStatusCode} (${reason(error)}); are S3_REGION and S3_FORCE_PATH_STYLE right?`,
    options,
  );
}

function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.message === '' || error.message === 'UnknownError' ? error.name : error.message;
}
