import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import {
  DeleteObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bucketContents, s3Config } from '../../../../test/servers/blob-stores.ts';
import { CREDENTIALS, hasSwift, openSwift, type Swift } from '../../../../test/servers/swift.ts';
import { readConfig, type S3Config } from '../config.ts';
import { readHash } from '../recordings/storage/read-hash.ts';
import type { BlobStore } from './blob-store.ts';
import { openS3Blobs } from './s3.ts';
import { bucketOf } from './s3-bucket.ts';
import { openRemover } from './s3-versions.ts';

const parts = { clock: { now: () => Date.now() }, log: pino({ level: 'silent' }) };
const KEY = '7/0123456789abcdef';

async function* bytes(...chunks: (string | Uint8Array)[]) {
  for (const chunk of chunks) yield Buffer.from(chunk);
}

describe.runIf(hasSwift())('the S3 store', () => {
  const resources = new AsyncDisposableStack();
  let swift: Swift;
  beforeAll(async () => {
    swift = resources.use(await openSwift());
  });
  afterAll(() => resources.disposeAsync());
  const open = async (bucket: string, settings: Partial<S3Config> = {}) => {
    const blobs = await openS3Blobs({ ...s3Config(swift, bucket), ...settings }, parts);
    resources.defer(() => blobs.close());
    return blobs;
  };

  test('objects are stored under the prefix with their content type, and other prefixes are not listed', async () => {
    const bucket = await swift.newBucket();
    const blobs = await open(bucket, { prefix: 'a/' });
    const other = await open(bucket, { prefix: 'a/b/' });
    await blobs.put(KEY, bytes('mine'), 'audio/ogg');
    await other.put(KEY, bytes('theirs'));
    const place = { Bucket: bucket, Key: `a/${KEY}` };
    const head = await swift.client.send(new HeadObjectCommand(place));
    expect(head.ContentType).toBe('audio/ogg');
    expect((await blobs.list(null, null)).blobs).toMatchObject([{ key: KEY, bytes: 4 }]);
    await blobs.remove(KEY);
    expect(await other.size(KEY)).toBe(6);
  });

  test('URLs for clients name the public endpoint, and the server itself uses the other one', async () => {
    const bucket = await swift.newBucket();
    const publicEndpoint = swift.endpoint.replace('127.0.0.1', 'localhost');
    const blobs = await open(bucket, { publicEndpoint });
    await blobs.put(KEY, bytes('audio'), 'audio/ogg');
    const url = blobs.presign(KEY, 60, 'audio/ogg') ?? '';
    expect(new URL(url).origin).toBe(publicEndpoint);
    expect(blobs.origin).toBe(publicEndpoint);
    expect(await (await fetch(url)).text()).toBe('audio');
    // The host is signed, so the same URL at the other address is refused.
    const elsewhere = await fetch(url.replace('localhost', '127.0.0.1'));
    expect(elsewhere.status).toBe(403);
  });

  test('removing a blob removes all its versions and delete markers', async () => {
    const bucket = await swift.newBucket('versioned');
    const blobs = await open(bucket);
    const longer = `${KEY}0`;
    await blobs.put(longer, bytes('another'));
    const place = { Bucket: bucket, Key: `calls/main/${KEY}` };
    for (const text of ['first', 'second', 'third']) {
      await swift.client.send(new PutObjectCommand({ ...place, Body: text }));
    }
    await swift.client.send(new DeleteObjectCommand(place));
    await swift.client.send(new PutObjectCommand({ ...place, Body: 'last' }));
    expect((await bucketContents(swift, bucket)).length).toBe(6);
    await blobs.remove(KEY);
    expect(await bucketContents(swift, bucket)).toEqual([`calls/main/${longer}`]);
  });

  test('removeUnfinished aborts the multipart uploads of a killed process', async () => {
    const bucket = await swift.newBucket();
    const blobs = await open(bucket);
    const child = spawn(
      process.execPath,
      [
        join(import.meta.dirname, '../../../../test/fixtures/endless-upload.ts'),
        JSON.stringify(s3Config(swift, bucket)),
        KEY,
      ],
      { env: process.env, stdio: ['ignore', 'ignore', 'inherit'] },
    );
    const list = () => swift.client.send(new ListMultipartUploadsCommand({ Bucket: bucket }));
    await expect.poll(async () => (await list()).Uploads?.length ?? 0).toBe(1);
    child.kill('SIGKILL');
    await once(child, 'exit');
    const begun = (await list()).Uploads?.[0]?.Initiated?.getTime() ?? 0;
    expect(await blobs.removeUnfinished(begun)).toBe(0);
    expect(await blobs.removeUnfinished(begun + 1)).toBe(1);
    expect(await bucketContents(swift, bucket)).toEqual([]);
  });

  test('opening the S3 store fails with a message that names the wrong setting', async () => {
    const bucket = await swift.newBucket();
    const right = s3Config(swift, bucket);
    const refusal = (settings: Partial<S3Config>) =>
      openS3Blobs({ ...right, ...settings }, parts).then(
        (blobs) => blobs.close().then(() => 'none'),
        (error: Error) => `${error.name}: ${error.message}`,
      );
    expect(await refusal({})).toBe('none');
    expect(await refusal({ bucket: 'nothing-here' })).toMatch(
      /^StartError: the bucket nothing-here .*does not exist/,
    );
    expect(await refusal({ region: 'eu-west-9' })).toMatch(/^StartError: .* S3_REGION/);
    expect(await refusal({ endpoint: 'http://127.0.0.1:1' })).toMatch(
      /^StartError: .* does not answer .*S3_ENDPOINT/,
    );
    process.env.AWS_SECRET_ACCESS_KEY = 'wrong';
    expect(await refusal({})).toMatch(/^StartError: .* refuses these credentials/);
    const away = { AWS_ACCESS_KEY_ID: '', AWS_SECRET_ACCESS_KEY: '', AWS_PROFILE: '' };
    Object.assign(process.env, away, { AWS_EC2_METADATA_DISABLED: 'true' });
    try {
      expect(await refusal({})).toMatch(/^StartError: .* no AWS credentials/);
    } finally {
      process.env.AWS_ACCESS_KEY_ID = CREDENTIALS.accessKeyId;
      process.env.AWS_SECRET_ACCESS_KEY = CREDENTIALS.secretAccessKey;
      delete process.env.AWS_PROFILE;
    }
  });
});

describe('a failing S3 store', () => {
  let answer: RequestListener = (_request, response) => response.end();
  let listening = '';
  const requests: string[] = [];
  const server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url}`);
    request.resume();
    answer(request, response);
  });
  beforeAll(async () => {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    listening = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
    process.env.AWS_ACCESS_KEY_ID = CREDENTIALS.accessKeyId;
    process.env.AWS_SECRET_ACCESS_KEY = CREDENTIALS.secretAccessKey;
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });
  const config = (): S3Config => {
    const s3 = readConfig({ S3_BUCKET: 'recordings', S3_ENDPOINT: listening }).s3;
    if (!s3) throw new Error('there are no settings');
    return s3;
  };
  const xml =
    (status: number, text: string): RequestListener =>
    (_request, response) => {
      response.writeHead(status, { 'Content-Type': 'application/xml' }).end(text);
    };
  const error = (status: number, code: string) =>
    xml(status, `<Error><Code>${code}</Code><Message>no</Message></Error>`);
  const open = async (): Promise<BlobStore> => {
    answer = xml(200, '<ListBucketResult></ListBucketResult>');
    return openS3Blobs(config(), parts);
  };

  test('every operation throws UNAVAILABLE if the S3 store answers with an error or resets the connection', async () => {
    const blobs = await open();
    const fault = { code: 'UNAVAILABLE' };
    for (const failing of [
      error(500, 'InternalError'),
      error(403, 'AccessDenied'),
      error(404, 'NoSuchBucket'),
    ]) {
      answer = failing;
      await expect(blobs.put(KEY, bytes('x'))).rejects.toMatchObject(fault);
      await expect(blobs.read(KEY)).rejects.toMatchObject(fault);
      await expect(blobs.remove(KEY)).rejects.toMatchObject(fault);
      await expect(blobs.list(7, null)).rejects.toMatchObject(fault);
      await expect(blobs.removeUnfinished(1)).rejects.toMatchObject(fault);
    }
    answer = (_request, response) => response.destroy();
    await expect(blobs.put(KEY, bytes('x'))).rejects.toMatchObject(fault);
    await expect(blobs.size(KEY)).rejects.toMatchObject(fault);
    await blobs.close();
  });

  test('an operation throws UNAVAILABLE if the S3 store does not answer in time', async () => {
    const blobs = await open();
    answer = () => {};
    await expect(blobs.size(KEY)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await blobs.close();
  });

  test('reading throws UNAVAILABLE if the S3 store closes the connection within a blob', async () => {
    const blobs = await open();
    answer = (_request, response) => {
      response.writeHead(200, { 'Content-Length': '1000' });
      response.write('half', () => response.destroy());
    };
    const stream = await blobs.read(KEY);
    await expect(stream && buffer(stream)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await expect(readHash(blobs, KEY)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await blobs.close();
  });

  test('an upload that fails within its parts is aborted', async () => {
    const blobs = await open();
    requests.length = 0;
    answer = (request, response) => {
      const { method = '', url = '' } = request;
      if (method === 'POST') {
        const text = '<UploadId>up-1</UploadId>';
        xml(200, `<InitiateMultipartUploadResult>${text}</InitiateMultipartUploadResult>`)(
          request,
          response,
        );
      } else if (method === 'DELETE') response.writeHead(204).end();
      else if (url.includes('partNumber=1&')) response.writeHead(200, { ETag: '"1"' }).end();
      else error(403, 'AccessDenied')(request, response);
    };
    const large = Array.from({ length: 12 }, () => Buffer.alloc(1024 * 1024));
    await expect(blobs.put(KEY, bytes(...large))).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect(requests.at(-1)).toMatch(/^DELETE .*uploadId=up-1/);
    await blobs.close();
  });

  test('a store without versions is asked for them once, and blobs are deleted without', async () => {
    const remove = openRemover(bucketOf(config()));
    requests.length = 0;
    answer = (request, response) => {
      if (request.method === 'GET') error(501, 'NotImplemented')(request, response);
      else response.writeHead(204).end();
    };
    await remove('7/a');
    await remove('7/b');
    const methods = requests.map((line) => line.replace(/\?.*/, ''));
    expect(methods).toEqual([
      'GET /recordings/',
      'DELETE /recordings/7/a',
      'DELETE /recordings/7/b',
    ]);
  });

  test('removing a blob with more than a thousand versions removes all of them, page by page', async () => {
    const remove = openRemover(bucketOf(config()));
    let versions = Array.from({ length: 1_300 }, (_, index) => `v${index}`);
    answer = (request, response) => {
      const url = new URL(request.url ?? '', 'http://s3');
      if (request.method === 'DELETE') {
        const gone = url.searchParams.get('versionId');
        versions = versions.filter((version) => version !== gone);
        response.writeHead(204).end();
        return;
      }
      const tag = (version: string) => (version.endsWith('7') ? 'DeleteMarker' : 'Version');
      const page = versions.slice(0, 1_000).map((version) => {
        const inside = `<Key>7/a</Key><VersionId>${version}</VersionId>`;
        return `<${tag(version)}>${inside}</${tag(version)}>`;
      });
      const more = `<IsTruncated>${versions.length > 1_000}</IsTruncated>`;
      xml(200, `<ListVersionsResult>${more}${page.join('')}</ListVersionsResult>`)(
        request,
        response,
      );
    };
    await remove('7/a');
    expect(versions).toEqual([]);
  });
});

describe('settings of the S3 store', () => {
  const s3 = (settings: Record<string, string>) =>
    readConfig({ S3_BUCKET: 'recordings', ...settings }).s3;

  test('the S3 settings default to Amazon, and to path style with another endpoint', () => {
    expect(readConfig({}).s3).toBeNull();
    expect(s3({})).toEqual({
      bucket: 'recordings',
      endpoint: null,
      publicEndpoint: null,
      region: null,
      prefix: '',
      forcePathStyle: false,
    });
    expect(s3({ S3_ENDPOINT: 'http://minio:9000/', S3_PREFIX: 'a/b' })).toMatchObject({
      endpoint: 'http://minio:9000',
      prefix: 'a/b/',
      forcePathStyle: true,
    });
    expect(s3({ S3_ENDPOINT: 'https://x.example', S3_FORCE_PATH_STYLE: '0' })).toMatchObject({
      forcePathStyle: false,
    });
  });

  test.each([
    [{ S3_BUCKET: '', S3_REGION: 'eu-west-1' }, 'S3_REGION is set, so S3_BUCKET must be too'],
    [{ S3_BUCKET: 'a/b' }, 'S3_BUCKET is "a/b"'],
    [{ S3_ENDPOINT: 'minio:9000' }, 'S3_ENDPOINT is "minio:9000"'],
    [{ S3_PUBLIC_ENDPOINT: 'localhost:9000' }, 'S3_PUBLIC_ENDPOINT is "localhost:9000"'],
    [{ S3_PREFIX: '/a' }, 'S3_PREFIX is "/a"'],
    [{ S3_PREFIX: 'a/../b' }, 'S3_PREFIX is "a/../b"'],
    [{ S3_PREFIX: 'a b' }, 'S3_PREFIX is "a b"'],
    [{ S3_FORCE_PATH_STYLE: 'yes' }, 'S3_FORCE_PATH_STYLE is "yes"'],
  ])('invalid S3 settings are refused with a message: %o', (settings, message) => {
    expect(() => s3(settings)).toThrow(message);
  });
});
