import { stat } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { wavOf } from '../fixtures/wav.ts';
import { CREDENTIALS, hasSwift, openSwift, REGION } from '../servers/swift.ts';
import { openBrowserSession } from './browser.ts';
import { browserPath } from './chromium.ts';
import { inArabic } from './written-calls.ts';

const sessionId = 'session_in_bucket';
const hum = wavOf(8_000, 8_000 * 60, 1, (_, at) => Math.sin(at / 10) / 2);

test.skipIf(browserPath() === null || !hasSwift())(
  'recordings in a bucket play and download from the bucket and no other host',
  async () => {
    await using swift = await openSwift();
    let businessId = 0;
    const settings = {
      DEMO: '0',
      S3_BUCKET: await swift.newBucket(),
      S3_ENDPOINT: swift.endpoint,
      S3_REGION: REGION,
      AWS_ACCESS_KEY_ID: CREDENTIALS.accessKeyId,
      AWS_SECRET_ACCESS_KEY: CREDENTIALS.secretAccessKey,
    };
    await using session = await openBrowserSession(settings, {
      onReady: async ({ admin }) => {
        businessId = (await admin.createBusiness({ Name: 'Bucket' })).BusinessId;
        await admin.putConversation({ ...inArabic(businessId), sessionId });
        for (const participantId of ['a', 'c']) {
          const recording = { businessId, sessionId, participantId };
          await admin.putRecording({ ...recording, audio: hum, contentType: 'audio/wav' });
        }
      },
    });
    const { Clients } = await session.admin.getConversation({ businessId, sessionId });
    const url = new URL(Clients[0]?.AudioUrl ?? '');
    expect(url.origin).toBe(swift.endpoint);
    await using page = await session.open(`/b/${businessId}/conversations/${sessionId}`);
    await page.getByRole('button', { name: 'Play', exact: true }).click();
    const times = () =>
      page
        .locator('audio[data-track]')
        .evaluateAll((all) => (all as HTMLAudioElement[]).map(({ currentTime }) => currentTime));
    await expect.poll(async () => Math.min(...(await times()))).toBeGreaterThan(0.5);
    await page.getByRole('button', { name: 'Download' }).click();
    const saving = page.waitForEvent('download');
    await page.getByRole('menuitem').last().click();
    const saved = await saving;
    expect(saved.suggestedFilename()).toMatch(/^session_in_bucket-/);
    expect((await stat(await saved.path())).size).toBeGreaterThan(10_000);
    const answer = await fetch(session.server.url);
    const policy = Object.fromEntries(
      (answer.headers.get('content-security-policy') ?? '')
        .split(';')
        .map((one) => one.split(/ (.*)/s, 2)),
    );
    expect(policy['media-src']).toBe(`'self' blob: ${swift.endpoint}`);
    expect(policy['connect-src']).toBe(`'self' ${swift.endpoint}`);
    expect(Object.values(policy).join(' ').split(swift.endpoint)).toHaveLength(3);
  },
);
