import { createHash } from 'node:crypto';
import { SignJWT, UnsecuredJWT } from 'jose';
import { describe, expect, it } from 'vitest';
import { verifyLivekit } from './verify.ts';

const NOW = 1_764_000_335_000;
const SECONDS = NOW / 1000;
const KEY = 'APIxyz';
const SECRET = '0123456789abcdef0123456789abcdef';
const BODY = Buffer.from('{"event":"room_finished","room":{"name":"Größe – 5 €"}}\n');

const hashOf = (body: Buffer) => createHash('sha256').update(body).digest('base64');

interface Signing {
  readonly key?: string;
  readonly secret?: string;
  readonly algorithm?: string;
  readonly claims?: Record<string, unknown>;
  readonly expiresAt?: number | null;
}

function sign({
  key = KEY,
  secret = SECRET,
  algorithm = 'HS256',
  claims = { sha256: hashOf(BODY) },
  expiresAt = SECONDS + 300,
}: Signing = {}): Promise<string> {
  const token = new SignJWT(claims).setProtectedHeader({ alg: algorithm, typ: 'JWT' });
  token.setIssuer(key).setNotBefore(SECONDS);
  if (expiresAt !== null) token.setExpirationTime(expiresAt);
  return token.sign(new TextEncoder().encode(secret));
}

const verify = (
  authorization: string | undefined,
  { body = BODY, secrets = [{ ApiKey: KEY, ApiSecret: SECRET }] } = {},
) => {
  const headers = authorization === undefined ? {} : { authorization };
  const url = 'https://c.example/connect/livekit/1/c';
  return verifyLivekit({ method: 'POST', url, headers, body }, { secrets, options: {}, now: NOW });
};

describe('tokens of LiveKit', () => {
  it('accepts a token with and without Bearer', async () => {
    const token = await sign();
    expect(await verify(token)).toBeNull();
    expect(await verify(`Bearer ${token}`)).toBeNull();
  });

  it('accepts the previous key', async () => {
    const secrets = [
      { ApiKey: 'APInew', ApiSecret: 'fedcba9876543210fedcba9876543210' },
      { ApiKey: KEY, ApiSecret: SECRET },
    ];
    expect(await verify(await sign(), { secrets })).toBeNull();
  });

  it('accepts a token that expired less than a minute ago', async () => {
    expect(await verify(await sign({ expiresAt: SECONDS - 59 }))).toBeNull();
  });

  it.each<[string, Signing, RegExp]>([
    ['another secret', { secret: 'fedcba9876543210fedcba9876543210' }, /not signed/],
    ['another API key', { key: 'APIother' }, /not signed/],
    ['another algorithm', { algorithm: 'HS512' }, /not signed/],
    ['a wrong sha256', { claims: { sha256: hashOf(Buffer.from('{}')) } }, /sha256/],
    [
      'a sha256 in hex',
      { claims: { sha256: createHash('sha256').update(BODY).digest('hex') } },
      /sha256/,
    ],
    ['no sha256', { claims: {} }, /not signed/],
    ['a sha256 that is no text', { claims: { sha256: 1 } }, /not signed/],
    ['an expiry six minutes ago', { expiresAt: SECONDS - 360 }, /expired/],
    ['no expiry', { expiresAt: null }, /not signed/],
  ])('rejects a token with %s', async (_, signing, message) => {
    expect(await verify(await sign(signing))).toMatch(message);
  });

  it('rejects a token without a signature', async () => {
    const claims = { sha256: hashOf(BODY), iss: KEY, exp: SECONDS + 300 };
    expect(await verify(new UnsecuredJWT(claims).encode())).toMatch(/not a JWT/);
    const [header, payload] = (await sign()).split('.');
    expect(await verify(`${header}.${payload}.AAAA`)).toMatch(/not signed/);
  });

  it.each([
    ['no header', undefined],
    ['an API key', 'Token colloquy_0123'],
    ['half of a token', 'eyJhbGciOiJIUzI1NiJ9.e30'],
  ])('rejects %s', async (_, authorization) => {
    expect(await verify(authorization)).toMatch(/not a JWT/);
  });

  it('rejects a body without the line end that was signed', async () => {
    expect(await verify(await sign(), { body: BODY.subarray(0, -1) })).toMatch(/sha256/);
  });

  it('rejects everything if the secret is empty', async () => {
    expect(await verify(await sign(), { secrets: [{ ApiKey: KEY, ApiSecret: '' }] })).toMatch(
      /not signed/,
    );
  });
});
