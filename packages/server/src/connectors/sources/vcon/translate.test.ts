import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PutConversationBody } from '@colloquy/wire';
import fc from 'fast-check';
import Value from 'typebox/value';
import { describe, expect, it } from 'vitest';
import { foldReports } from '../../assembly/fold.ts';
import { verifyVcon } from './signing/verify.ts';
import { translateVcon } from './translate.ts';
import { vcon } from './vcon.ts';

const folder = join(import.meta.dirname, 'fixtures');
const bodiesOf = (file: string): unknown[] =>
  JSON.parse(readFileSync(join(folder, file), 'utf8')).Deliveries.map(
    ({ Body }: { readonly Body: unknown }) => Body,
  );

const translate = (json: unknown) =>
  translateVcon({ headers: {}, body: Buffer.from(JSON.stringify(json)) });
const translateFixture = (file: string) => translate(bodiesOf(file)[0]);

describe('recordings of a vCon', () => {
  const digestOf = (token: string) => Buffer.from(token, 'base64url').toString('hex');
  const SHA512 = digestOf(
    'GLy6IPaIUM1GqzZqfIPZlWjaDsNgNvZM0iCONNThnH0a75fhUM6cYzLZ5GynSURREvZwmOh54-2lRRieyj82UQ',
  );
  const SHA256 = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

  it('have the speakers of their channels and several hashes', () => {
    expect(translateFixture('syntax-0-4-0.json').audio).toEqual([
      {
        url: 'https://recordings.example/4.wav',
        of: { channels: ['Client', 'Agent', null] },
        hashes: [
          { algorithm: 'sha256', digest: SHA256 },
          { algorithm: 'sha512', digest: SHA512 },
        ],
        startTime: Date.parse('2026-11-24T16:00:00Z'),
      },
    ]);
  });

  it('of syntax 0.0.1 have hashes from alg and signature, in base64url or hex', () => {
    const { audio } = translateFixture('syntax-0-0-1.json');
    expect(audio.map(({ hashes }) => hashes?.map(({ algorithm }) => algorithm))).toEqual([
      ['sha512'],
      ['sha256'],
    ]);
    expect(audio[1]).toMatchObject({ of: 'Mixed', hashes: [{ digest: SHA256 }] });
  });

  it('of single parties belong to them; those inline or without https are left out', () => {
    const { audio, completeness } = translateFixture('recording-set.json');
    expect(audio.map(({ url, of }) => [url.slice(-5), of])).toEqual([
      ['1.ogg', 'Client'],
      ['2.ogg', 'Agent'],
      ['3.ogg', { participantId: 'party_3' }],
    ]);
    expect(completeness).toEqual({ Audio: 'Complete' });
  });
});

describe('analysis of a vCon', () => {
  it('has the last summary and the known kinds', () => {
    const { call, completeness } = translateFixture('syntax-0-4-0.json');
    expect(call.analysis).toEqual({
      summary: 'Asked about prices.',
      structured: { sentiment: { label: 'good' } },
    });
    expect(completeness).toEqual({
      Transcript: 'Complete',
      Audio: 'Complete',
      Analysis: 'Complete',
    });
  });

  it('is pending if a vCon has none, and audio is absent without recordings', () => {
    const { call, completeness } = translateFixture('syntax-0-3-0.json');
    expect(call.analysis).toBeUndefined();
    expect(completeness).toEqual({ Transcript: 'Complete', Audio: 'Absent' });
    expect(translateFixture('without-dialog.json').completeness).toEqual({
      Transcript: 'Absent',
      Audio: 'Absent',
    });
  });
});

describe('transcripts of a vCon', () => {
  const sendersOf = (body: unknown, parties: unknown = [0, 1]) => {
    const json = {
      uuid: 'u',
      parties: [
        { name: 'Alice Doe', role: 'customer' },
        { name: 'Bot', type: 'bot' },
      ],
      dialog: [{ type: 'recording', start: '2026-11-24T16:00:00Z', parties, url: 'https://r' }],
      analysis: [{ type: 'transcript', dialog: 0, body, encoding: 'none' }],
    };
    return translate(json).messages.map(({ senderId, content }) => [senderId, content]);
  };

  it.each<[string, unknown, unknown?]>([
    ['names', 'Alice Doe: Hi\nBot: Hello'],
    ['first names in bold', '**Alice:** Hi\n\n**Bot:** Hello'],
    ['roles', 'Customer: Hi\nAssistant: Hello'],
    ['voices from one', 'Speaker 1: Hi\nSpeaker 2: Hello'],
    [
      'voices from zero',
      [
        { speaker: 0, text: 'Hi' },
        { speaker: 1, text: 'Hello' },
      ],
    ],
    [
      'letters',
      {
        utterances: [
          { speaker: 'A', text: 'Hi' },
          { speaker: 'B', text: 'Hello' },
        ],
      },
    ],
    [
      'places of parties',
      [
        { party: 0, text: 'Hi' },
        { party: 1, text: 'Hello' },
      ],
    ],
    [
      'channels',
      [
        { channel: 1, text: 'Hi' },
        { channel: 2, text: 'Hello' },
      ],
      [null, 0, [1]],
    ],
    [
      'objects',
      {
        segments: [
          { speaker: { name: 'Alice' }, text: 'Hi' },
          { speaker: { label: 'bot' }, text: 'Hello' },
        ],
      },
    ],
  ])('find speakers by %s', (_, body, parties) => {
    expect(sendersOf(body, parties)).toEqual([
      ['party_0', 'Hi'],
      ['party_1', 'Hello'],
    ]);
  });

  it('have no sender if one voice was heard of two parties, or if no party is meant', () => {
    expect(sendersOf([{ speaker: 0, text: 'Hi' }])).toEqual([[null, 'Hi']]);
    expect(sendersOf('Note: a text, at 16:00')).toEqual([[null, 'Note: a text, at 16:00']]);
    expect(sendersOf([{ speaker: 'Mallory', text: 'Hi' }])).toEqual([[null, 'Hi']]);
  });

  it('are read in time whatever their nesting and length', () => {
    let nested: unknown = 'Hi';
    for (let depth = 0; depth < 1000; depth++) nested = { results: { segments: [nested] } };
    expect(sendersOf(nested)).toEqual([]);
    const spaces = `${' '.repeat(1_000_000)}x`;
    expect(sendersOf(spaces)).toEqual([[null, 'x']]);
    const segments = Array.from({ length: 200_000 }, () => ({ party: 0, text: 'x', start: 1 }));
    expect(sendersOf(segments)).toHaveLength(200_000);
  });
});

const surprise = fc.oneof(
  fc.jsonValue({ maxDepth: 2 }),
  fc.constantFrom('constructor', '__proto__', '1e400', -1, 1e300, '\ud83d\0', [null, [], {}]),
);

/** The value with one of its parts, chosen by a number, replaced. */
function replaceOne(value: unknown, at: { n: number }, by: unknown): unknown {
  if (at.n-- === 0) return by;
  if (Array.isArray(value)) return value.map((item) => replaceOne(item, at, by));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, item]) => [key, replaceOne(item, at, by)]);
  return Object.fromEntries(entries);
}

const countParts = (value: unknown): number =>
  1 +
  (typeof value === 'object' && value !== null
    ? Object.values(value).reduce<number>((sum, item) => sum + countParts(item), 0)
    : 0);

describe('vCons with unexpected values', () => {
  const changed = fc
    .constantFrom(...readdirSync(folder).flatMap(bodiesOf))
    .chain((body) =>
      fc
        .array(fc.tuple(fc.nat(countParts(body) - 1), surprise), { minLength: 1, maxLength: 4 })
        .map((changes) => changes.reduce((all, [n, by]) => replaceOne(all, { n }, by), body)),
    );

  it('become valid conversations unless they are refused', async () => {
    const property = fc.asyncProperty(changed, async (json) => {
      const body = Buffer.from(JSON.stringify(json));
      const request = { method: 'POST', url: '', headers: {}, body };
      const refusal = await verifyVcon(request, { secrets: [], options: {}, now: 0 });
      if (refusal !== null) return;
      vcon.identify({ headers: {}, body });
      const report = vcon.translate({ headers: {}, body });
      const received = [{ report, receivedAt: 1_764_000_000_000, bodyHash: '' }];
      const { conversation } = foldReports(vcon, 'call', received);
      const wire = JSON.parse(JSON.stringify(conversation));
      expect([...Value.Errors(PutConversationBody, wire)]).toEqual([]);
    });
    await fc.assert(property, { numRuns: 1000 });
  });
});
