import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import fc from 'fast-check';
import { pino } from 'pino';
import { describe, expect, test } from 'vitest';
import { FakeClock } from '../../../../test/servers/test-server.ts';
import type { S3Config } from '../config.ts';
import { bucketOf, urlOfBucket } from './s3-bucket.ts';
import { cacheCredentials } from './s3-credentials.ts';
import { openUrlSigner, type SigningCredentials } from './s3-presign.ts';

const CREDENTIALS = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalr/XUtn+FEMI' };
const config = (settings: Partial<S3Config> = {}): S3Config => ({
  bucket: 'recordings',
  endpoint: null,
  publicEndpoint: null,
  region: 'eu-central-1',
  prefix: '',
  forcePathStyle: false,
  ...settings,
});

async function signedBySdk(
  settings: S3Config,
  credentials: SigningCredentials,
  { path, now, seconds, contentType }: Parameters<ReturnType<typeof openUrlSigner>>[1],
): Promise<string> {
  const client = new S3Client({
    region: settings.region ?? '',
    credentials,
    forcePathStyle: settings.forcePathStyle,
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    ...(settings.endpoint !== null && { endpoint: settings.endpoint }),
  });
  const command = new GetObjectCommand({
    Bucket: settings.bucket,
    Key: path,
    ResponseContentType: contentType,
    ResponseContentDisposition: 'inline',
  });
  return getSignedUrl(client, command, { expiresIn: seconds, signingDate: new Date(now) });
}

describe('pre-signed URLs', () => {
  const settings: [string, S3Config][] = [
    ['on Amazon', config()],
    ['on Amazon with dots in the bucket name', config({ bucket: 'calls.example.com' })],
    ['in path style', config({ forcePathStyle: true })],
    ['in China', config({ region: 'cn-north-1' })],
    [
      'of another server in path style',
      config({ endpoint: 'http://127.0.0.1:9000', forcePathStyle: true }),
    ],
    ['of another server in host style', config({ endpoint: 'https://objects.example.com' })],
    [
      'of a server below a path',
      config({ endpoint: 'https://example.com/s3/v1', forcePathStyle: true }),
    ],
  ];
  test.each(settings)('a URL %s is pre-signed as by the AWS SDK', async (_name, given) => {
    const sign = openUrlSigner(await urlOfBucket(bucketOf(given), given), given.region ?? '');
    const request = {
      path: 'calls/main/7/0123456789abcdef',
      now: Date.UTC(2026, 1, 3, 4, 5, 6, 789),
      seconds: 1800,
      contentType: 'audio/wav',
    };
    const url = sign(CREDENTIALS, request);
    expect(url).toBe(await signedBySdk(given, CREDENTIALS, request));
  });

  test('pre-signed URLs equal those of the AWS SDK for any key, time and credentials', async () => {
    const given = config();
    const sign = openUrlSigner(await urlOfBucket(bucketOf(given), given), 'eu-central-1');
    const credentials = fc.record(
      {
        accessKeyId: fc.string({ minLength: 1 }),
        secretAccessKey: fc.string({ minLength: 1, unit: 'grapheme' }),
        sessionToken: fc.base64String({ minLength: 4 }),
      },
      { requiredKeys: ['accessKeyId', 'secretAccessKey'] },
    );
    const request = fc.record({
      path: fc.stringMatching(/^[A-Za-z0-9_-]{1,9}\/[1-9]\d{0,9}\/[0-9a-f]{32}$/),
      now: fc.integer({ min: 0, max: Date.UTC(2100, 0) }),
      seconds: fc.integer({ min: 1, max: 604_800 }),
      contentType: fc.constantFrom('audio/wav', "text/it's (odd)*!", 'a b+c&d=é'),
    });
    await fc.assert(
      fc.asyncProperty(credentials, request, async (keys, wanted) => {
        expect(sign(keys, wanted)).toBe(await signedBySdk(given, keys, wanted));
      }),
      { numRuns: 200 },
    );
  });
});

describe('temporary credentials', () => {
  const clock = new FakeClock();
  const log = pino({ level: 'silent' });
  const until = (seconds: number, name: string): SigningCredentials => ({
    accessKeyId: name,
    secretAccessKey: 'x',
    sessionToken: 't',
    expiration: new Date(clock.now() + seconds * 1000),
  });

  test('temporary credentials are refreshed, and used until they expire if the refresh fails', async () => {
    const given = [until(600, 'first'), until(1200, 'second')];
    const held = await cacheCredentials(
      async () => given.shift() ?? Promise.reject(new Error('no answer')),
      { clock, log },
    );
    expect(held.current().accessKeyId).toBe('first');
    await held.refresh();
    expect(held.current().accessKeyId).toBe('second');
    await held.refresh();
    clock.advance(1199);
    expect(held.current().accessKeyId).toBe('second');
    clock.advance(1);
    expect(() => held.current()).toThrow(expect.objectContaining({ code: 'UNAVAILABLE' }));
    given.push(until(600, 'third'));
    // The refused call started a refresh.
    expect(() => held.current()).toThrow();
    await expect.poll(() => held.current().accessKeyId).toBe('third');
    held.close();
  });
});
