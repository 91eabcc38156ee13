import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { openRestoreTarget, saveBackup } from '../fixtures/backups.ts';
import {
  describeRecordings,
  putConversation,
  readWav,
  setToRealTime,
  startTestServerWithBucket,
} from '../fixtures/recordings-suite.ts';
import { s3Config } from '../servers/blob-stores.ts';
import { CREDENTIALS, hasSwift, openSwift, REGION } from '../servers/swift.ts';
import { startTestServer } from '../servers/test-server.ts';

const run = promisify(execFile);

describe.runIf(hasSwift())('recordings in an S3 store', () => {
  describeRecordings(startTestServerWithBucket);

  it('URLs of the S3 store are refused after they expire or are altered', async () => {
    await using opened = await startTestServerWithBucket();
    const { server } = opened;
    const businessId = await server.newBusiness();
    const sessionId = await putConversation(server, businessId, 's');
    const wav = await readWav();
    const audio = new Uint8Array(wav);
    const recording = { participantId: 'c', audio, contentType: 'audio/x-wav' };
    await server.admin.putRecording({ businessId, sessionId, ...recording });
    const read = () => server.admin.getConversation({ businessId, sessionId });
    const url = (await read()).Clients[0]?.AudioUrl ?? '';
    expect(new URL(url).origin).not.toBe(server.url);

    const answer = await fetch(url);
    expect(answer.headers.get('content-type')).toBe('audio/wav');
    expect(answer.headers.get('content-disposition')).toBe('inline');
    expect(Buffer.from(await answer.arrayBuffer()).equals(wav)).toBe(true);
    const altered = [
      url.replace(/X-Amz-Expires=\d+/, 'X-Amz-Expires=86400'),
      url.replace('audio%2Fwav', 'text%2Fhtml'),
      url.replace(/X-Amz-Signature=./, (text) =>
        text.replace(/.$/, text.endsWith('0') ? '1' : '0'),
      ),
      url.replace(`/${businessId}/`, `/${businessId + 1}/`),
    ];
    const statuses = altered.map(async (address) => (await fetch(address)).status);
    expect(await Promise.all(statuses)).toEqual(altered.map(() => 403));
    expect(altered).not.toContain(url);
    expect((await fetch(url.replace(/\?.*/, ''))).ok).toBe(false);

    // A URL works for at least half of its 1,800 s, and never for longer.
    server.clock.advance(-840);
    expect((await fetch((await read()).Clients[0]?.AudioUrl ?? '')).status).toBe(200);
    server.clock.advance(-970);
    expect((await fetch((await read()).Clients[0]?.AudioUrl ?? '')).status).toBe(403);
  });

  it('a backup leaves recordings in the bucket, and a restore reads the ledger there', async () => {
    await using swift = await openSwift();
    const bucket = await swift.newBucket();
    const s3 = s3Config(swift, bucket);
    await using server = await startTestServer({ s3 });
    setToRealTime(server);
    const businessId = await server.newBusiness();
    const audio = new Uint8Array(await readWav());
    for (const sessionId of ['kept', 'deleted']) {
      await putConversation(server, businessId, sessionId);
      const recording = { participantId: 'c', audio, contentType: 'audio/wav' };
      await server.admin.putRecording({ businessId, sessionId, ...recording });
    }
    const settings = {
      S3_BUCKET: bucket,
      S3_ENDPOINT: swift.endpoint,
      S3_REGION: REGION,
      S3_PREFIX: s3.prefix,
      AWS_ACCESS_KEY_ID: CREDENTIALS.accessKeyId,
      AWS_SECRET_ACCESS_KEY: CREDENTIALS.secretAccessKey,
    };
    await using target = await openRestoreTarget({}, settings);
    const file = await saveBackup(server.admin, target.folder);
    const whole = await saveBackup(server.admin, target.folder, { WithRecordings: true });
    const recordingsIn = async (backup: string) =>
      (await run('tar', ['-tf', backup])).stdout.match(/^recordings\//gm)?.length ?? 0;
    expect([await recordingsIn(file), await recordingsIn(whole)]).toEqual([0, 2]);
    await server.admin.deleteConversation({ businessId, sessionId: 'deleted' });
    const { code, stderr, printed } = await target.restore(file);
    expect({ code, stderr }).toMatchObject({ code: 0, stderr: expect.stringContaining('s3://') });
    expect(printed).toContain('again: 1 conversations');
    await using restored = await target.open({ s3 });
    setToRealTime(restored);
    const kept = await restored.admin.getConversation({ businessId, sessionId: 'kept' });
    const answer = await fetch(kept.Clients[0]?.AudioUrl ?? '');
    expect(Buffer.from(await answer.arrayBuffer()).equals(Buffer.from(audio))).toBe(true);
  });
});
