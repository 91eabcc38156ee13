import { GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { type Bucket, bucketOf, SHORT_TIMEOUT, urlOfBucket } from '../../blobs/s3-bucket.ts';
import { checkBucket } from '../../blobs/s3-check.ts';
import { openUrlSigner } from '../../blobs/s3-presign.ts';
import { openRemover } from '../../blobs/s3-versions.ts';
import type { S3Config } from '../../config.ts';
import { messageOf, StartError } from '../../kernel/start-error.ts';
import { checkClock, type Times } from './check-clock.ts';
import { type Finding, findingsOf } from './finding.ts';

const { ok, warning, failed } = findingsOf('bucket');
/** Always the same, so the next run removes what an interrupted one has left. */
const PROBE_KEY = 'doctor-probe';
const PROBE_SECONDS = 60;
const FETCH_MILLISECONDS = 10_000;

/** Writes a probe, reads it as the server and the console do, and removes it. */
export async function checkBucketOf(config: S3Config, publicUrl: string): Promise<Finding[]> {
  const bucket = bucketOf(config);
  const clock = readClock(bucket);
  const findings: Finding[] = [];
  try {
    await checkBucket(bucket, config);
    findings.push(ok(`${config.bucket} can be listed, also its versions`));
    findings.push(...(await probe(bucket, config, publicUrl)));
  } catch (error) {
    if (!(error instanceof StartError)) throw error;
    const fix = 'Correct the S3 settings, or the policy of the user in the bucket.';
    findings.push(failed(error.message, fix));
  } finally {
    bucket.client.destroy();
  }
  const times = clock();
  return times === null ? findings : [...findings, checkClock('the bucket', times)];
}

/** Reads the header Date of answers, also of refusals. */
function readClock({ client }: Bucket): () => Times | null {
  let times: Times | null = null;
  client.middlewareStack.add(
    (next) => async (args) => {
      const before = Date.now();
      const result = await next(args);
      const { headers } = result.response as { headers?: Record<string, string> };
      const other = Date.parse(headers?.date ?? '');
      if (!Number.isNaN(other)) {
        times = { before, after: Date.now(), other, resolutionMs: 1000 };
      }
      return result;
    },
    { step: 'deserialize', name: 'readClock', priority: 'low' },
  );
  return () => times;
}

async function probe(bucket: Bucket, config: S3Config, publicUrl: string): Promise<Finding[]> {
  const key = PROBE_KEY;
  const place = { Bucket: bucket.name, Key: bucket.prefix + key };
  const findings: Finding[] = [];
  const step = async (permission: string, work: () => Promise<void>, more = '') => {
    const error = await work().then(
      () => null,
      (cause: unknown) => cause ?? 'unknown',
    );
    if (error === null) return true;
    const fix = `Allow ${permission} for these credentials on the bucket and its prefix.${more}`;
    findings.push(failed(`${permission} failed (${messageOf(error)})`, fix));
    return false;
  };
  try {
    const isWritten = await step('s3:PutObject', async () => {
      await bucket.client.send(new PutObjectCommand({ ...place, Body: key }), SHORT_TIMEOUT);
    });
    const isRead =
      isWritten &&
      (await step('s3:GetObject', async () => {
        const { Body } = await bucket.client.send(new GetObjectCommand(place), SHORT_TIMEOUT);
        const text = await Body?.transformToString();
        if (text !== key) throw new Error('another content came back');
      }));
    if (isRead) findings.push(await checkOrigin(bucket, config, { key, publicUrl }));
  } finally {
    const remove = openRemover(bucket);
    const isRemoved = await step(
      's3:DeleteObject and s3:DeleteObjectVersion',
      () => remove(key),
      ` Then remove ${place.Key}.`,
    );
    if (isRemoved && findings.every(({ status }) => status !== 'failed')) {
      findings.unshift(ok('an object was written, read and removed'));
    }
  }
  return findings;
}

/** The console reads recordings from the bucket, so the bucket must allow its origin (CORS). */
async function checkOrigin(
  bucket: Bucket,
  config: S3Config,
  { key, publicUrl }: { key: string; publicUrl: string },
): Promise<Finding> {
  const { origin } = new URL(publicUrl);
  const address = await signedUrl(bucket, config, key);
  let answer: Response;
  try {
    answer = await fetch(address, {
      headers: { Origin: origin },
      signal: AbortSignal.timeout(FETCH_MILLISECONDS),
    });
    await answer.arrayBuffer();
  } catch (error) {
    return describeUnreachable(new URL(address), error, config);
  }
  if (!answer.ok) {
    const fix =
      'Check S3_REGION, S3_PUBLIC_ENDPOINT, and what a proxy in front of the bucket changes.';
    return warning(`a pre-signed URL is answered with ${answer.status}`, fix);
  }
  const allowed = answer.headers.get('Access-Control-Allow-Origin');
  if (allowed === '*' || allowed === origin) return ok(`the console at ${origin} may read it`);
  const fix = `Add a CORS rule to the bucket that allows GET and HEAD from ${origin}; docs/recordings.md shows one.`;
  return warning(`the console at ${origin} may not play recordings`, fix);
}

/** Signed as the server signs for browsers. */
async function signedUrl(bucket: Bucket, config: S3Config, key: string): Promise<string> {
  const endpoint = config.publicEndpoint ?? config.endpoint;
  const url = await urlOfBucket(bucket, { ...config, endpoint });
  const sign = openUrlSigner(url, await bucket.client.config.region());
  return sign(await bucket.client.config.credentials(), {
    path: bucket.prefix + key,
    now: Date.now(),
    seconds: PROBE_SECONDS,
    contentType: 'text/plain',
  });
}

function describeUnreachable({ origin }: URL, error: unknown, config: S3Config): Finding {
  const reason = messageOf((error as { cause?: unknown }).cause ?? error);
  if (config.publicEndpoint === null) {
    const fix = 'Check DNS, certificate and firewall of the address that browsers use.';
    return warning(`a pre-signed URL at ${origin} cannot be fetched (${reason})`, fix);
  }
  const fix = 'Open a recording in the console; if it does not play, correct S3_PUBLIC_ENDPOINT.';
  return warning(`${origin} cannot be checked from here (${reason})`, fix);
}
