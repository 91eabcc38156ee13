import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { verifyRetell } from './verify.ts';

const NOW = 1_764_000_330_000;
const KEY = 'key_0123456789abcdef';
const BODY = Buffer.from(
  '{"event":"call_ended","call":{"call_id":"r1","transcript":"Größe – 5 €"}}\n',
);

const signed = (key = KEY, at: number | string = NOW, body = BODY) =>
  `v=${at},d=${createHmac('sha256', key).update(body).update(String(at)).digest('hex')}`;

const verify = (signature: string | undefined, body = BODY, secrets = [{ ApiKey: KEY }]) =>
  verifyRetell(
    {
      method: 'POST',
      url: 'https://c.example/connect/retell/1/c',
      headers: signature === undefined ? {} : { 'x-retell-signature': signature },
      body,
    },
    { secrets, options: {}, now: NOW },
  );

describe('signatures of Retell', () => {
  it('accepts a body with other characters and a line end', () => {
    expect(verify(signed())).toBeNull();
    expect(verify(signed().toUpperCase().replace('V=', 'v=').replace('D=', 'd='))).toBeNull();
  });

  it('accepts a signature almost five minutes old, and the previous key', () => {
    expect(verify(signed(KEY, NOW - 299_000))).toBeNull();
    expect(verify(signed('old'), BODY, [{ ApiKey: 'new' }, { ApiKey: 'old' }])).toBeNull();
  });

  it.each([
    ['no signature', undefined],
    ['another key', signed('wrong')],
    ['a signature six minutes old', signed(KEY, NOW - 360_000)],
    ['a signature six minutes ahead', signed(KEY, NOW + 360_000)],
    ['another timestamp than the signed one', signed().replace(/v=\d+/, `v=${NOW - 1}`)],
    ['half of a signature', signed().slice(0, -2)],
    ['text around the signature', ` ${signed()} `],
  ])('rejects %s', (_, signature) => {
    expect(verify(signature)).toMatch(/signature/i);
  });

  it('rejects a body that was parsed and written again', () => {
    const again = Buffer.from(JSON.stringify(JSON.parse(BODY.toString())));
    expect(verify(signed(), again)).toMatch(/does not match/);
  });
});
