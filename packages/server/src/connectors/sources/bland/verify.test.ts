import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { verifyBland } from './verify.ts';

const SECRET = 'correct horse battery staple';
const BODY = Buffer.from(
  '{ "call_id": "b1", "call_length": 5.50, "text": "Gr\\u00f6\\u00dfe – 5 €" }\n',
);
const COMPACT = JSON.stringify(JSON.parse(BODY.toString()));

const sign = (signed: string | Buffer, secret = SECRET) =>
  createHmac('sha256', secret).update(signed).digest('hex');

const verify = (
  signature: string | undefined,
  { secrets = [{ WebhookSecret: SECRET }], body = BODY } = {},
) => {
  const headers = signature === undefined ? {} : { 'x-webhook-signature': signature };
  const request = { method: 'POST', url: 'https://c.example/connect/bland/1/c', headers, body };
  return verifyBland(request, { secrets, options: {}, now: 0 });
};

describe('signatures of Bland', () => {
  it.each([
    ['the bytes that were sent', sign(BODY)],
    ['the compact JSON of the body', sign(COMPACT)],
    ['the bytes, in capital letters', sign(BODY).toUpperCase()],
  ])('accepts a signature of %s', (_, signature) => {
    expect(verify(signature)).toBeNull();
  });

  it('accepts the previous secret after a rotation', () => {
    const secrets = [{ WebhookSecret: 'the new one' }, { WebhookSecret: SECRET }];
    for (const signed of [BODY, COMPACT]) {
      expect(verify(sign(signed), { secrets })).toBeNull();
      expect(verify(sign(signed, 'the new one'), { secrets })).toBeNull();
    }
  });

  it.each([
    ['no header', undefined],
    ['an empty header', ''],
    ['half of a signature', sign(BODY).slice(0, 32)],
    ['base64', createHmac('sha256', SECRET).update(BODY).digest('base64')],
  ])('rejects %s as malformed', (_, signature) => {
    expect(verify(signature)).toMatch(/header/);
  });

  it.each([
    ['another secret', sign(BODY, 'wrong')],
    ['another body', sign('{"call_id":"b2"}')],
    ['JSON with spaces', sign(JSON.stringify(JSON.parse(BODY.toString()), null, 2))],
  ])('rejects a signature of %s', (_, signature) => {
    expect(verify(signature)).toMatch(/match/);
  });

  it('rejects every signature without a secret', () => {
    expect(verify(sign(BODY), { secrets: [] })).toMatch(/match/);
  });

  it('checks the bytes of a body that is not JSON', () => {
    const body = Buffer.from('{"call_id":');
    expect(verify(sign(body), { body })).toBeNull();
    expect(verify(sign(BODY), { body })).toMatch(/match/);
  });
});
