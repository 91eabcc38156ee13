import { createHash, createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { verifyTwilio } from './verify.ts';

const TOKEN = '12345';
const URL = 'https://mycompany.com/myapp.php?foo=1&bar=2';
const BODY =
  'CallSid=CA1234567890ABCDE&Caller=%2B14158675309&Digits=1234&From=%2B14158675309&To=%2B18005551212';
/** Of the tests of Twilio's own library. */
const SIGNATURE = 'RSOYDt4T1cUTdK1PDd93/VVr8B8=';
const JSON_BODY = '{"property": "value", "boolean": true}';
const JSON_URL = `${URL}&bodySHA256=0a1ff7634d9ab3b95db5c9a2dfe9416e41502b283a80c7cf19632632f96e6620`;
const JSON_SIGNATURE = 'a9nBmqA0ju/hNViExpshrM61xv4=';

const sign = (text: string, token = TOKEN) =>
  createHmac('sha1', token).update(text).digest('base64');

function verify(
  signature: string | undefined,
  { url = URL, body = BODY, secrets = [{ AuthToken: TOKEN }] } = {},
) {
  const headers = signature === undefined ? {} : { 'x-twilio-signature': signature };
  const request = { method: 'POST', url, headers, body: Buffer.from(body) };
  return verifyTwilio(request, { secrets, options: {}, now: 0 });
}

describe('signatures of Twilio', () => {
  it("accepts the form and the JSON of Twilio's own tests", () => {
    expect(verify(SIGNATURE)).toBeNull();
    expect(verify(JSON_SIGNATURE, { url: JSON_URL, body: JSON_BODY })).toBeNull();
  });

  it('accepts the previous token', () => {
    const secrets = [{ AuthToken: 'the new one' }, { AuthToken: TOKEN }];
    expect(verify(SIGNATURE, { secrets })).toBeNull();
  });

  it.each([
    ['a repeated name, whose values are sorted', 'b=2&a=z&a=y&B=1', 'B1ayazb2'],
    ['a repeated value, which counts once', 'a=y&a=z&a=y', 'ayaz'],
    ['an empty value', 'a=&b=1', 'ab1'],
    ['no parameters', '', ''],
    ['characters outside of ASCII', 'City=K%C3%B6ln+S%C3%BCd', 'CityKöln Süd'],
  ])('accepts %s', (_, body, joined) => {
    expect(verify(sign(URL + joined), { body })).toBeNull();
  });

  it.each([
    ['signed with the standard port', 'https://a.example/x?y=1', 'https://a.example:443/x?y=1'],
    ['signed without the standard port', 'https://a.example:443/x', 'https://a.example/x'],
    ['signed without its own port', 'https://a.example:8443/x?y=:1', 'https://a.example/x?y=:1'],
    ['signed with its own port', 'https://a.example:8443/x', 'https://a.example:8443/x'],
    ['of plain HTTP', 'http://a.example/x', 'http://a.example:80/x'],
    ['without a path', 'https://a.example', 'https://a.example:443'],
    ['of an IPv6 address', 'http://[::1]:8080/x', 'http://[::1]/x'],
  ])('accepts a URL %s', (_, url, signed) => {
    expect(verify(sign(`${signed}a1`), { url, body: 'a=1' })).toBeNull();
  });

  it.each<[string, string | undefined, Parameters<typeof verify>[1]?]>([
    ['no signature', undefined],
    ['half of a signature', SIGNATURE.slice(0, 14)],
    ['the signature of another token', sign(URL, 'wrong'), { body: '' }],
    ['another value', SIGNATURE, { body: BODY.replace('Digits=1234', 'Digits=1235') }],
    ['another query', SIGNATURE, { url: `${URL}&baz=3` }],
    ['another host', SIGNATURE, { url: URL.replace('mycompany', 'yourcompany') }],
    ['a JSON body without its hash', JSON_SIGNATURE, { body: JSON_BODY }],
    [
      'the signature of a URL with another port',
      sign('https://a.example:1/x'),
      { url: 'https://a.example:2/x', body: '' },
    ],
  ])('rejects %s', (_, signature, request) => {
    expect(verify(signature, request)).toMatch(/signature/i);
  });

  it('rejects a JSON body that was changed by one line end', () => {
    expect(verify(JSON_SIGNATURE, { url: JSON_URL, body: `${JSON_BODY}\n` })).toMatch(/bodySHA256/);
  });

  it('rejects a hash that matches the body but is not signed', () => {
    const url = `${URL}&bodySHA256=${createHash('sha256').update('{}').digest('hex')}`;
    expect(verify(JSON_SIGNATURE, { url, body: '{}' })).toMatch(/signature/);
  });
});
