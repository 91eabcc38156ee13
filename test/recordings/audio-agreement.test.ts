import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  byName,
  expectAgreement,
  joined,
  type LengthsTestServer,
  lengthsOf,
  type Sample,
  samples,
  startLengthsTestServer,
} from '../fixtures/recording-lengths.ts';
import { ADMIN_KEY, type TestServer } from '../servers/test-server.ts';

let lengthsServer: LengthsTestServer;
let server: TestServer;
let businessId: number;
beforeAll(async () => {
  lengthsServer = await startLengthsTestServer();
  ({ server, businessId } = lengthsServer);
});
afterAll(() => lengthsServer[Symbol.asyncDispose]());

describe('DurationSeconds, peaks and the silenced copy', () => {
  test.each([...samples, ...joined])(
    'DurationSeconds, peaks and the silenced copy of $name agree',
    async (sample) => {
      const lengths = await lengthsOf(lengthsServer, sample);
      expectAgreement(lengths);
      // The answer to the upload has the measured length, without decoding.
      if (lengths.peaks === null) return;
      expect(lengths.copy).not.toBeNull();
      expect(Math.abs((lengths.uploaded ?? 0) - lengths.peaks)).toBeLessThan(0.1);
    },
  );

  test.each([
    ['joined-late.ogg', 5],
    ['two-files.webm', 5],
    ['late.webm', 4],
    ['vbr-no-xing.mp3', 45.07],
    ['rf64.wav', 3],
    ['muted.ogg', 8],
    ['muted.webm', 8],
    ['muted-vorbis.ogg', 5.04],
    ['muted-vorbis.webm', 5.05],
    ['muted.m4a', 5.04],
    ['muted-fragmented.m4a', 5.1],
    ['adpcm_ima_wav.wav', 3],
    ['flac.flac and flac.flac', 4.06],
    ['flac-piped.flac and flac.flac and flac-piped.flac', 6.09],
  ])('DurationSeconds of %s is %d', async (name, seconds) => {
    const sample = [...samples, ...joined].find((one) => one.name === name) as Sample;
    const { uploaded, shown } = await lengthsOf(lengthsServer, sample);
    for (const length of [uploaded, shown]) {
      expect(Math.abs((length ?? 0) - seconds)).toBeLessThan(0.1);
    }
  });
});

describe('concatenated fragmented MP4 files', () => {
  const both = (...names: string[]): Sample => ({
    ...{ name: names.join(' and '), contentType: 'audio/mp4' },
    bytes: Buffer.concat(names.map(byName)),
  });

  test.each([
    both('aac-fragmented.m4a', 'aac-fragmented.m4a'),
    both('muted-fragmented.m4a', 'aac-fragmented.m4a'),
    both('aac-fragmented.m4a', 'muted-fragmented.m4a', 'aac.m4a'),
  ])(
    'concatenated fragmented MP4 files have no length until they are decoded ($name)',
    async (sample) => {
      const lengths = await lengthsOf(lengthsServer, sample);
      expect(lengths.uploaded).toBeNull();
      expect(lengths.peaks).not.toBeNull();
      expect(lengths.copy).not.toBeNull();
      expectAgreement(lengths);
    },
  );

  test('concatenated MP4 files that cannot be decoded have no length', async () => {
    const lengths = await lengthsOf(lengthsServer, both('aac.m4a', 'aac-fragmented.m4a'));
    expect(lengths).toEqual({ uploaded: null, shown: null, peaks: null, copy: null });
  });

  test('a fragmented MP4 followed by an unfragmented one has the length of the first', async () => {
    const alone = await lengthsOf(lengthsServer, both('aac-fragmented.m4a'));
    expect(await lengthsOf(lengthsServer, both('aac-fragmented.m4a', 'aac.m4a'))).toEqual(alone);
  });
});

describe('audio with another content type', () => {
  const put = (bytes: Buffer, contentType: string) =>
    server.admin.putRecording({
      ...{ businessId, sessionId: 's', participantId: 'c', contentType },
      audio: new Uint8Array(bytes),
    });
  const withVideo = (name: string) => {
    const bytes = Buffer.from(byName(name));
    if (name.endsWith('.mp4')) bytes.write('vide', bytes.indexOf('soun'));
    else bytes.writeUInt8(1, bytes.indexOf(Buffer.from([0x83, 0x81, 0x02])) + 2);
    return bytes;
  };

  test.each([
    ['voice.webm', 'video/webm;codecs=opus', 'audio/webm'],
    ['voice.mp4', 'video/mp4', 'audio/mp4'],
    ['voice.webm', 'application/octet-stream', 'audio/webm'],
    ['voice.mp4', 'Application/Octet-Stream', 'audio/mp4'],
    ['joined-late.ogg', 'video/ogg', 'audio/ogg'],
    ['vbr-no-xing.mp3', 'application/octet-stream', 'audio/mpeg'],
  ])('%s uploaded as %s is stored as %s', async (name, contentType, stored) => {
    const { ContentType, DurationSeconds } = await put(byName(name), contentType);
    expect(ContentType).toBe(stored);
    expect(DurationSeconds).toBeGreaterThan(1);
  });

  test('audio without a Content-Type is accepted', async () => {
    const path = `/api/v1/business/${businessId}/conversations/s/recordings/c`;
    const response = await fetch(`${server.url}${path}`, {
      method: 'PUT',
      headers: { Authorization: `Bearer ${ADMIN_KEY}` },
      body: new Uint8Array(byName('voice.mp4')),
    });
    expect(await response.json()).toMatchObject({ Data: { ContentType: 'audio/mp4' } });
  });

  test.each([
    ['voice.webm', 'video/webm'],
    ['voice.mp4', 'video/mp4'],
    ['voice.mp4', 'application/octet-stream'],
    ['voice.webm', 'audio/webm'],
    ['voice.webm', 'audio/mpeg'],
    ['voice.mp4', 'audio/mp4'],
    ['voice.mp4', 'audio/x-m4a'],
  ])('%s with a video track is refused as %s', async (name, contentType) => {
    await expect(put(withVideo(name), contentType)).rejects.toMatchObject({
      ...{ status: 415, reason: 'UNSUPPORTED_MEDIA_TYPE' },
      message: expect.stringContaining('video track'),
    });
  });

  test('audio with a picture track, as used for chapters, is accepted', async () => {
    const bytes = withVideo('voice.mp4');
    bytes.write('jpeg', bytes.indexOf('mp4a', bytes.indexOf('stsd')));
    expect(await put(bytes, 'audio/mp4')).toMatchObject({ ContentType: 'audio/mp4' });
  });

  test('a file of unknown format is refused and leaves no blob', async () => {
    const noise = Buffer.alloc(5000, 'no audio');
    for (const contentType of ['video/mp4', 'application/octet-stream']) {
      await expect(put(noise, contentType)).rejects.toMatchObject({
        ...{ status: 415, message: expect.stringContaining('The format of the audio is unknown') },
      });
    }
    const { rows } = await server.sql.query(
      'SELECT 1 FROM unclaimed_blobs WHERE business_id = $1 AND NOT released',
      [businessId],
    );
    expect(rows).toEqual([]);
  });
});
