import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { diagnose } from '../fixtures/diagnose.ts';
import { bucketContents } from '../servers/blob-stores.ts';
import { CREDENTIALS, hasSwift, openSwift, REGION, type Swift } from '../servers/swift.ts';

const AWS = ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'] as const;

describe.skipIf(!hasSwift())('doctor checks the bucket', () => {
  let cleanups: AsyncDisposableStack;
  let dataDir: string;
  let swift: Swift;
  let bucket: string;

  beforeEach(async () => {
    cleanups = new AsyncDisposableStack();
    swift = cleanups.use(await openSwift());
    bucket = await swift.newBucket('versioned');
    dataDir = await mkdtemp(join(tmpdir(), 'colloquy-doctor-'));
    cleanups.defer(() => rm(dataDir, { recursive: true, force: true }));
    const before = AWS.map((name) => [name, process.env[name]] as const);
    cleanups.defer(() => {
      for (const [name, value] of before) {
        if (value === undefined) delete process.env[name];
        else process.env[name] = value;
      }
    });
    // The SDK reads credentials from the environment, as in production.
    process.env.AWS_ACCESS_KEY_ID = CREDENTIALS.accessKeyId;
    process.env.AWS_SECRET_ACCESS_KEY = CREDENTIALS.secretAccessKey;
  });
  afterEach(() => cleanups.disposeAsync());

  const check = (settings: Record<string, string> = {}) =>
    diagnose({
      ...{ DATA_DIR: dataDir, PORT: '1', S3_BUCKET: bucket, S3_ENDPOINT: swift.endpoint },
      ...{ S3_REGION: REGION, S3_PREFIX: 'calls/' },
      ...settings,
    });

  type Answer = (from: IncomingMessage, to: ServerResponse, pass: () => void) => void;

  /** A store in front of Swift that answers some requests differently. */
  async function changedStore(answer: Answer, headers: Record<string, string | null> = {}) {
    const { hostname, port } = new URL(swift.endpoint);
    const forward = (from: IncomingMessage, to: ServerResponse) => {
      const { method, url, headers: given } = from;
      const inner = request({ hostname, port, method, path: url, headers: given }, (reply) => {
        const changed = Object.entries({ ...reply.headers, ...headers });
        const kept = changed.filter(([, value]) => value !== null && value !== undefined);
        to.sendDate = false;
        to.writeHead(reply.statusCode ?? 502, Object.fromEntries(kept) as Record<string, string>);
        reply.pipe(to);
      });
      from.pipe(inner);
    };
    const server = createServer((from, to) => answer(from, to, () => forward(from, to)));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    cleanups.defer(() => void server.close());
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  const refusing =
    (isRefused: (from: IncomingMessage) => boolean): Answer =>
    (from, to, pass) => {
      if (!isRefused(from)) return pass();
      from.resume();
      to.writeHead(403, { 'Content-Type': 'application/xml' });
      to.end('<Error><Code>AccessDenied</Code><Message>Access Denied.</Message></Error>');
    };

  test('doctor finds nothing wrong with a good bucket, and leaves no version behind', async () => {
    const { code, all, text } = await check();
    expect(code).toBe(0);
    const ofBucket = all.filter(({ Check }) => Check === 'bucket' || Check === 'clock');
    expect(ofBucket.map(({ Status }) => Status)).toEqual(['ok', 'ok', 'ok', 'ok']);
    expect(await bucketContents(swift, bucket)).toEqual([]);
    expect(text).not.toContain(CREDENTIALS.secretAccessKey);
  });

  test('doctor names a missing bucket, wrong credentials and a wrong endpoint', async () => {
    const failureOf = async (settings: Record<string, string>) => {
      const { code, found } = await check(settings);
      expect(code).toBe(1);
      return found('bucket', 'failed')[0]?.Message;
    };
    expect(await failureOf({ S3_BUCKET: 'missing-bucket' })).toMatch(/does not exist/);
    expect(await failureOf({ S3_ENDPOINT: 'http://127.0.0.1:1' })).toMatch(/does not answer/);
    process.env.AWS_SECRET_ACCESS_KEY = 'wrong';
    expect(await failureOf({})).toMatch(/refuses these credentials/);
  });

  test.each([
    ['s3:PutObject', 'PUT'],
    ['s3:GetObject', 'GET'],
  ])('doctor names the missing permission %s and removes its probe', async (permission, method) => {
    const isProbe = ({ url }: IncomingMessage) => url?.includes('/calls/doctor-') === true;
    const endpoint = await changedStore(
      refusing((from) => from.method === method && isProbe(from)),
    );
    const { code, found } = await check({ S3_ENDPOINT: endpoint });
    expect(code).toBe(1);
    expect(found('bucket', 'failed').map(({ Fix }) => Fix)).toEqual([
      expect.stringContaining(permission),
    ]);
    expect(await bucketContents(swift, bucket)).toEqual([]);
  });

  test('doctor names a missing permission to delete', async () => {
    const endpoint = await changedStore(refusing(({ method }) => method === 'DELETE'));
    const { code, found } = await check({ S3_ENDPOINT: endpoint });
    expect(code).toBe(1);
    expect(found('bucket', 'failed').map(({ Fix }) => Fix)).toEqual([
      expect.stringMatching(/s3:DeleteObject .* Then remove calls\/doctor-/),
    ]);
    // The next run removes what this one has left.
    await check();
    expect(await bucketContents(swift, bucket)).toEqual([]);
  });

  test('doctor warns if the bucket does not allow the origin of the console', async () => {
    const endpoint = await changedStore((_from, _to, pass) => pass(), {
      'access-control-allow-origin': null,
    });
    const { code, found } = await check({ S3_ENDPOINT: endpoint });
    expect(code).toBe(0);
    expect(found('bucket', 'warning').map(({ Fix }) => Fix)).toEqual([
      expect.stringMatching(/CORS rule .* from http:\/\/127\.0\.0\.1:1;/),
    ]);
  });

  test('doctor checks the origin at the public address of the bucket', async () => {
    const publicEndpoint = await changedStore((_from, _to, pass) => pass(), {
      'access-control-allow-origin': null,
    });
    const refused = await check({ S3_PUBLIC_ENDPOINT: publicEndpoint });
    expect(refused.found('bucket', 'warning').map(({ Fix }) => Fix)).toEqual([
      expect.stringMatching(/CORS rule/),
    ]);
    const unreachable = await check({ S3_PUBLIC_ENDPOINT: 'http://127.0.0.1:1' });
    expect(unreachable.code).toBe(0);
    expect(unreachable.found('bucket', 'warning')).toEqual([
      expect.objectContaining({
        Message: expect.stringMatching(/cannot be checked from here \(.+\)/),
        Fix: expect.stringContaining('S3_PUBLIC_ENDPOINT'),
      }),
    ]);
  });

  test('doctor reports a bucket whose clock differs', async () => {
    const date = new Date(Date.now() + 120_000).toUTCString();
    const endpoint = await changedStore((_from, _to, pass) => pass(), { date });
    const { code, found } = await check({ S3_ENDPOINT: endpoint });
    expect(code).toBe(1);
    expect(found('clock', 'failed')[0]?.Message).toMatch(/bucket is 1[12]\d s ahead/);
  });
});
