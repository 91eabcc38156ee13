// For @peculiar/x509, which has to be loaded after it.
import 'reflect-metadata';
import { gzipSync } from 'node:zlib';
import {
  BasicConstraintsExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  X509CertificateGenerator,
} from '@peculiar/x509';
import { GeneralSign } from 'jose';
import { beforeAll, describe, expect, it } from 'vitest';
import { identifyVcon, translateVcon } from '../translate.ts';
import { verifyVcon } from './verify.ts';

const NOW = Date.parse('2026-11-24T17:00:00Z');
const RSA = {
  name: 'RSASSA-PKCS1-v1_5',
  hash: 'SHA-256',
  publicExponent: new Uint8Array([1, 0, 1]),
  modulusLength: 2048,
};
const EC = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const VCON = {
  vcon: '0.4.0',
  uuid: '019f15a6-a752-826f-b9a2-279e0d16bc46',
  created_at: '2026-11-24T16:10:00Z',
  parties: [{ tel: '+15550100001' }, { name: 'Bot', type: 'bot' }],
  dialog: [
    { type: 'text', start: '2026-11-24T16:00:00Z', parties: 0, body: 'Hi', encoding: 'none' },
  ],
};

interface Signer {
  readonly keys: CryptoKeyPair;
  readonly pem: string;
  /** As an entry of `x5c`. */
  readonly der: string;
}

interface Issuing {
  readonly issuer?: Signer | undefined;
  readonly isCa?: boolean;
  readonly algorithm?: typeof RSA | typeof EC;
  readonly until?: string;
}

async function newSigner(
  name: string,
  { issuer, isCa = false, algorithm = EC, until = '2027-01-01' }: Issuing = {},
): Promise<Signer> {
  const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const certificate = await X509CertificateGenerator.create({
    subject: `CN=${name}`,
    issuer: issuer ? `CN=${NAMES.get(issuer)}` : `CN=${name}`,
    notBefore: new Date('2026-01-01'),
    notAfter: new Date(until),
    publicKey: keys.publicKey,
    signingKey: (issuer?.keys ?? keys).privateKey,
    signingAlgorithm: issuer ? EC : algorithm,
    extensions: [
      new BasicConstraintsExtension(isCa, undefined, true),
      ...(isCa ? [new KeyUsagesExtension(KeyUsageFlags.keyCertSign, true)] : []),
    ],
  });
  const der = Buffer.from(certificate.rawData).toString('base64');
  const signer = { keys, pem: certificate.toString('pem'), der };
  NAMES.set(signer, name);
  return signer;
}

const NAMES = new Map<Signer, string>();
let root: Signer;
let middle: Signer;
let leaf: Signer;
let selfSigned: Signer;
let rsa: Signer;
let expired: Signer;
let notCa: Signer;
let stranger: Signer;

beforeAll(async () => {
  root = await newSigner('Root', { isCa: true });
  middle = await newSigner('Middle', { isCa: true, issuer: root });
  leaf = await newSigner('vcon.example', { issuer: middle });
  expired = await newSigner('old.example', { issuer: middle, until: '2026-06-01' });
  notCa = await newSigner('fake.example', { issuer: leaf });
  selfSigned = await newSigner('self.example');
  rsa = await newSigner('rsa.example', { algorithm: RSA });
  stranger = await newSigner('stranger.example');
});

interface Signing {
  readonly signer: Signer;
  readonly x5c?: readonly Signer[];
  readonly payload?: unknown;
  readonly isGzipped?: boolean;
  readonly alg?: string;
  readonly uuid?: string;
}

async function sign({ signer, x5c = [signer], payload = VCON, ...options }: Signing) {
  const { isGzipped = false, alg = signer === rsa ? 'RS256' : 'ES256', uuid = VCON.uuid } = options;
  const json = Buffer.from(JSON.stringify(payload));
  const { signatures, payload: encoded } = await new GeneralSign(isGzipped ? gzipSync(json) : json)
    .addSignature(signer.keys.privateKey)
    .setProtectedHeader({ alg })
    .setUnprotectedHeader({ x5c: x5c.map(({ der }) => der), uuid })
    .done()
    .sign();
  return { payload: encoded, signatures: signatures.map((signature) => ({ ...signature })) };
}

type Jws = Awaited<ReturnType<typeof sign>>;

const bodyOf = (json: unknown) =>
  Buffer.isBuffer(json)
    ? json
    : Buffer.from(typeof json === 'string' ? json : JSON.stringify(json));

function verify(json: unknown, ...roots: readonly Signer[]) {
  const options = roots.length > 0 ? { TrustedRoots: roots.map(({ pem }) => pem).join('\n') } : {};
  const request = { method: 'POST', url: 'https://c.example/connect/vcon/1/c', headers: {} };
  return verifyVcon({ ...request, body: bodyOf(json) }, { secrets: [], options, now: NOW });
}

const changeSignature = (jws: Jws, change: object): unknown => ({
  ...jws,
  signatures: jws.signatures.map((signature) => ({ ...signature, ...change })),
});

describe('signatures of vCons', () => {
  it.each([false, true])(
    'accepts a self-signed certificate, payload gzipped: %s',
    async (isGzipped) => {
      const jws = await sign({ signer: selfSigned, isGzipped });
      expect(await verify(jws)).toBeNull();
      expect(identifyVcon({ headers: {}, body: bodyOf(jws) }).callId).toBe(VCON.uuid);
    },
  );

  it('accepts RS256', async () => {
    expect(await verify(await sign({ signer: rsa }))).toBeNull();
  });

  it('accepts a vCon without a signature, also gzipped', async () => {
    expect(await verify(VCON)).toBeNull();
    expect(await verify(gzipSync(JSON.stringify(VCON)))).toBeNull();
  });

  it('accepts a header that repeats what is protected', async () => {
    const header = { alg: 'ES256', x5c: [selfSigned.der] };
    const jws = await new GeneralSign(Buffer.from(JSON.stringify(VCON)))
      .addSignature(selfSigned.keys.privateKey)
      .setProtectedHeader(header)
      .sign();
    const signatures = jws.signatures.map((signature) => ({ ...signature, header }));
    expect(await verify({ ...jws, signatures })).toBeNull();
  });

  it('accepts a signed vCon that was signed again', async () => {
    const inner = await sign({ signer: selfSigned });
    const outer = await sign({
      signer: leaf,
      x5c: [leaf, middle],
      payload: inner,
      isGzipped: true,
    });
    expect(await verify(outer, root)).toBeNull();
    expect(identifyVcon({ headers: {}, body: bodyOf(outer) }).callId).toBe(VCON.uuid);
  });

  it('rejects a changed payload, signature, certificate and protected header', async () => {
    const jws = await sign({ signer: selfSigned });
    const other = await sign({ signer: selfSigned, payload: { ...VCON, subject: 'Another' } });
    expect(await verify({ ...jws, payload: other.payload })).toMatch(/does not match/);
    const { signature } = other.signatures[0] ?? {};
    expect(await verify(changeSignature(jws, { signature }))).toMatch(/does not match/);
    const header = { x5c: [stranger.der] };
    expect(await verify(changeSignature(jws, { header }))).toMatch(/does not match/);
    expect(await verify(changeSignature(jws, { protected: 'e30' }))).toMatch(/does not match/);
    expect(await verify(changeSignature(jws, { protected: '!' }))).toMatch(/cannot be read/);
  });

  it('rejects symmetric algorithms and none', async () => {
    const jws = await sign({ signer: selfSigned });
    for (const alg of ['HS256', 'none']) {
      const header = Buffer.from(JSON.stringify({ alg })).toString('base64url');
      expect(await verify(changeSignature(jws, { protected: header }))).toMatch(/not supported/);
    }
  });

  it('rejects headers without x5c, with x5u, with crit and with another uuid', async () => {
    const jws = await sign({ signer: selfSigned });
    expect(await verify(changeSignature(jws, { header: {} }))).toMatch(/no certificates/);
    const x5u = { x5u: 'https://certificates.example/1.pem' };
    expect(await verify(changeSignature(jws, { header: x5u }))).toMatch(/x5u/);
    const crit = { x5c: [selfSigned.der], crit: ['b64'] };
    expect(await verify(changeSignature(jws, { header: crit }))).toMatch(/crit/);
    const broken = { x5c: ['AAAA'] };
    expect(await verify(changeSignature(jws, { header: broken }))).toMatch(/cannot be read/);
    expect(await verify(await sign({ signer: selfSigned, uuid: 'x' }))).toMatch(/another uuid/);
  });

  it('rejects a vCon of which one of two signatures is wrong', async () => {
    const jws = await sign({ signer: selfSigned });
    const other = await sign({ signer: leaf, payload: 'other' });
    const signatures = [...jws.signatures, ...other.signatures];
    expect(await verify({ ...jws, signatures })).toMatch(/does not match/);
    expect(await verify({ ...jws, signatures: [] })).toMatch(/1 to 10/);
  });
});

describe('trusted roots of vCons', () => {
  it.each<[string, () => Promise<Jws>, () => Signer[]]>([
    ['a path with x5c', () => sign({ signer: leaf, x5c: [leaf, middle] }), () => [root]],
    [
      'a path that includes the root',
      () => sign({ signer: leaf, x5c: [leaf, middle, root] }),
      () => [root],
    ],
    ['a root between', () => sign({ signer: leaf }), () => [middle]],
    ['one of two roots', () => sign({ signer: leaf, x5c: [leaf, middle] }), () => [stranger, root]],
    ['the certificate itself', () => sign({ signer: selfSigned }), () => [selfSigned]],
  ])('accepts %s', async (_, jws, roots) => {
    expect(await verify(await jws(), ...roots())).toBeNull();
  });

  it.each<[string, () => Promise<Jws>, () => Signer[]]>([
    ['a self-signed certificate', () => sign({ signer: selfSigned }), () => [root]],
    ['a path without its middle', () => sign({ signer: leaf }), () => [root]],
    ['a path that skips one', () => sign({ signer: leaf, x5c: [leaf, root] }), () => [root]],
    [
      'a stranger who adds a trusted path',
      () => sign({ signer: stranger, x5c: [stranger, leaf, middle] }),
      () => [root],
    ],
    [
      'an issuer that is no authority',
      () => sign({ signer: notCa, x5c: [notCa, leaf, middle] }),
      () => [root],
    ],
    [
      'an expired certificate',
      () => sign({ signer: expired, x5c: [expired, middle] }),
      () => [root],
    ],
  ])('rejects %s', async (_, jws, roots) => {
    expect(await verify(await jws(), ...roots())).toMatch(/does not lead to Options.TrustedRoots/);
  });

  it('rejects a connection whose roots are not certificates', async () => {
    const body = bodyOf(await sign({ signer: selfSigned }));
    const request = { method: 'POST', url: '', headers: {}, body };
    for (const TrustedRoots of [
      'x',
      '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----',
    ]) {
      const verification = { secrets: [], options: { TrustedRoots }, now: NOW };
      expect(await verifyVcon(request, verification)).toMatch(/has to be certificates in PEM/);
    }
  });

  it('marks a signature as untrusted unless the roots of the connection lead to it', async () => {
    const body = bodyOf(await sign({ signer: leaf, x5c: [leaf, middle] }));
    const untrusted = translateVcon({ headers: {}, body });
    expect(untrusted.warnings).toEqual([
      'The signature is valid, but its certificate is not trusted: no root leads to it.',
    ]);
    const signature = {
      Certificate: 'CN=vcon.example',
      Fingerprint: expect.stringMatching(/^\w\w:/),
    };
    expect(untrusted.call.metadata).toMatchObject({
      Vcon: { Signature: { ...signature, IsTrusted: false } },
    });
    const trusted = translateVcon({ headers: {}, body, options: { TrustedRoots: root.pem } });
    expect(trusted.warnings).toEqual([]);
    expect(trusted.call.metadata).toMatchObject({
      Vcon: { Signature: { ...signature, IsTrusted: true } },
    });
  });
});

describe('vCons that are refused', () => {
  const read = (json: unknown) => translateVcon({ headers: {}, body: bodyOf(json) });

  it.each<[string, unknown, RegExp]>([
    ['encrypted', { ciphertext: 'x', recipients: [], iv: 'x', tag: 'x' }, /encrypted \(JWE\)/],
    [
      'with a critical extension',
      { ...VCON, critical: ['sealed'] },
      /critical extensions .*: sealed\./,
    ],
    ['with must_support', { ...VCON, vcon: '0.3.0', must_support: ['a', 7] }, /: a, 7\./],
    ['no JSON', '{', /not a vCon in JSON/],
    ['a list', [], /not a vCon in JSON/],
    ['broken gzip', Buffer.from([0x1f, 0x8b, 0]), /not a vCon in JSON/],
    ['a large gzip', gzipSync(Buffer.alloc(33 * 1024 * 1024, 0x20)), /larger than 32 MiB/],
    ['a payload that is no vCon', { payload: 'AAAA', signatures: [] }, /not a vCon in JSON/],
  ])('%s: rejected with the reason, and never translated', async (_, json, reason) => {
    expect(await verify(json)).toMatch(reason);
    expect(() => read(json)).toThrow(reason);
  });

  it('rejects a signed vCon with a large gzipped payload and with a critical extension', async () => {
    const large = { ...VCON, subject: ' '.repeat(33 * 1024 * 1024) };
    expect(
      await verify(await sign({ signer: selfSigned, payload: large, isGzipped: true })),
    ).toMatch(/32 MiB/);
    const critical = { ...VCON, critical: ['sealed'] };
    expect(await verify(await sign({ signer: selfSigned, payload: critical }))).toMatch(/sealed/);
  });

  it('rejects a vCon that is signed too often', async () => {
    let jws: unknown = VCON;
    for (let layer = 0; layer < 6; layer++) jws = await sign({ signer: selfSigned, payload: jws });
    expect(await verify(jws)).toMatch(/more than 5 times/);
  });
});
