import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { verifyVapi } from './verify.ts';

const NOW = 1_764_000_330_000;
const SECRET = 'correct horse battery staple';
const BODY = Buffer.from('{"message":{"type":"hang","text":"Größe – 5 €"}}\n');

interface Signing {
  readonly secret?: string | Buffer;
  readonly algorithm?: string;
  readonly encoding?: 'hex' | 'base64';
  readonly prefix?: string;
  readonly timestamp?: string;
}

function headersOf({
  secret = SECRET,
  algorithm = 'sha256',
  encoding = 'hex',
  prefix = '',
  timestamp = String(NOW),
}: Signing = {}): Record<string, string> {
  const mac = createHmac(algorithm, secret).update(`${timestamp}.`).update(BODY).digest(encoding);
  return { 'x-signature': `${prefix}${mac}`, 'x-timestamp': timestamp };
}

const verify = (
  headers: Record<string, string>,
  { signing = 'hmac', secrets = [{ Secret: SECRET }], body = BODY } = {},
) => {
  const request = { method: 'POST', url: 'https://c.example/connect/vapi/1/c', headers, body };
  return verifyVapi(request, { secrets, options: { Signing: signing }, now: NOW });
};

describe('signatures of Vapi', () => {
  it.each<[string, Signing]>([
    ['hex', {}],
    ['hex in capital letters with a prefix', { prefix: 'sha256=' }],
    ['base64 with a prefix', { encoding: 'base64', prefix: 'sha256=' }],
    ['base64', { encoding: 'base64' }],
    ['SHA-512', { algorithm: 'sha512' }],
    ['SHA-1', { algorithm: 'sha1', encoding: 'base64' }],
    ['a timestamp in seconds', { timestamp: String(NOW / 1000) }],
    ['a timestamp almost five minutes old', { timestamp: String(NOW - 299_000) }],
  ])('accepts %s', (_, signing) => {
    expect(verify(headersOf(signing))).toBeNull();
  });

  it('accepts a secret in base64 that Vapi decodes', () => {
    const key = Buffer.from('0123456789abcdef0123456789abcdef');
    const headers = headersOf({ secret: key });
    expect(verify(headers, { secrets: [{ Secret: key.toString('base64') }] })).toBeNull();
  });

  it('accepts the previous secret', () => {
    const secrets = [{ Secret: 'the new one' }, { Secret: SECRET }];
    expect(verify(headersOf(), { secrets })).toBeNull();
  });

  it.each<[string, Record<string, string>]>([
    ['no headers', {}],
    ['another secret', headersOf({ secret: 'wrong' })],
    ['a timestamp six minutes old', headersOf({ timestamp: String(NOW - 360_000) })],
    ['a timestamp six minutes ahead', headersOf({ timestamp: String(NOW / 1000 + 360) })],
    ['a timestamp that is no number', headersOf({ timestamp: '1e12' })],
    ['another timestamp than the signed one', { ...headersOf(), 'x-timestamp': String(NOW - 1) }],
    ['no timestamp', { 'x-signature': headersOf()['x-signature'] ?? '' }],
    ['half of a signature', { ...headersOf(), 'x-signature': 'abcd' }],
  ])('rejects %s', (_, headers) => {
    expect(verify(headers)).toMatch(/header|signature/);
  });

  it('rejects a body without the line end that was signed', () => {
    expect(verify(headersOf(), { body: BODY.subarray(0, -1) })).toMatch(/signature/);
  });

  it('accepts a bearer token and a secret header if the connection uses them', () => {
    expect(verify({ authorization: `Bearer ${SECRET}` }, { signing: 'bearer' })).toBeNull();
    expect(verify({ 'x-vapi-secret': SECRET }, { signing: 'header' })).toBeNull();
  });

  it('rejects a token that the connection does not use', () => {
    expect(verify({ 'x-vapi-secret': SECRET }, { signing: 'bearer' })).toMatch(/Authorization/);
    expect(verify({ authorization: 'Bearer x' }, { signing: 'bearer' })).toMatch(/another secret/);
    expect(verify({ authorization: `Bearer ${SECRET}` })).toMatch(/X-Signature/);
  });
});
