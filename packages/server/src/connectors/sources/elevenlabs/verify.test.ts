import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { verifyElevenLabs } from './verify.ts';

const NOW = 1_764_000_335_000;
const SECRET = 'wsec_correct horse battery staple';
const BODY = Buffer.from('{"type":"post_call_transcription","text":"Größe – 5 €"}\n');
const MINUTE = 60;

interface Signing {
  readonly secret?: string;
  readonly age?: number;
  readonly separator?: string;
}

function signatureOf({ secret = SECRET, age = 0, separator = '.' }: Signing = {}) {
  const t = String(Math.floor(NOW / 1000) - age);
  const v0 = createHmac('sha256', secret).update(`${t}${separator}`).update(BODY).digest('hex');
  return { t, v0, text: `t=${t},v0=${v0}` };
}

const verify = (
  signature: string | undefined,
  { secrets = [{ WebhookSecret: SECRET }], body = BODY } = {},
) => {
  const headers = signature === undefined ? {} : { 'elevenlabs-signature': signature };
  const request = {
    method: 'POST',
    url: 'https://c.example/connect/elevenlabs/1/c',
    headers,
    body,
  };
  return verifyElevenLabs(request, { secrets, options: {}, now: NOW });
};

describe('signatures of ElevenLabs', () => {
  const { t, v0 } = signatureOf();
  it.each([
    ['a fresh signature', signatureOf().text],
    ['a signature almost 30 minutes old', signatureOf({ age: 30 * MINUTE }).text],
    ['a signature four minutes ahead', signatureOf({ age: -4 * MINUTE }).text],
    ['spaces and another order', `v0=${v0}, t=${t}`],
    ['further parts', `t=${t},v1=abc,v0=${v0}`],
    ['a second signature that matches', `t=${t},v0=${'0'.repeat(64)},v0=${v0}`],
    ['capital letters', `t=${t},v0=${v0.toUpperCase()}`],
  ])('accepts %s', (_, signature) => {
    expect(verify(signature)).toBeNull();
  });

  it('accepts the previous secret after a rotation', () => {
    const secrets = [{ WebhookSecret: 'the new one' }, { WebhookSecret: SECRET }];
    expect(verify(signatureOf().text, { secrets })).toBeNull();
    expect(verify(signatureOf({ secret: 'the new one' }).text, { secrets })).toBeNull();
  });

  it.each([
    ['no header', undefined],
    ['an empty header', ''],
    ['no time', `v0=${v0}`],
    ['no signature', `t=${t}`],
    ['half of a signature', `t=${t},v0=${v0.slice(0, 32)}`],
    ['a time that is no number', `t=1e9,v0=${v0}`],
    ['another secret', signatureOf({ secret: 'wrong' }).text],
    ['another time than the signed one', `t=${Number(t) - 1},v0=${v0}`],
    ['a signature without the dot', signatureOf({ separator: '' }).text],
  ])('rejects %s', (_, signature) => {
    expect(verify(signature)).toMatch(/header|match/);
  });

  it('rejects a signature 31 minutes old and one six minutes ahead', () => {
    expect(verify(signatureOf({ age: 31 * MINUTE }).text)).toMatch(/30 minutes old/);
    expect(verify(signatureOf({ age: -6 * MINUTE }).text)).toMatch(/ahead/);
  });

  it('rejects every signature without a secret', () => {
    expect(verify(signatureOf().text, { secrets: [] })).toMatch(/match/);
  });

  it('rejects a body without the line end that was signed', () => {
    expect(verify(signatureOf().text, { body: BODY.subarray(0, -1) })).toMatch(/match/);
  });
});
