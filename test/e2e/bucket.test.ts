import { stat } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { CREDENTIALS, hasSwift, openSwift, REGION } from '../swift.ts';
import { DEMO_BUSINESS, openVisit } from './browser.ts';
import { browserPath } from './chromium.ts';

test.skipIf(browserPath() === null || !hasSwift())(
  'recordings in a bucket are played and saved from there, and from no other host',
  async () => {
    await using swift = await openSwift();
    await using visit = await openVisit({
      S3_BUCKET: await swift.newBucket(),
      S3_ENDPOINT: swift.endpoint,
      S3_REGION: REGION,
      AWS_ACCESS_KEY_ID: CREDENTIALS.accessKeyId,
      AWS_SECRET_ACCESS_KEY: CREDENTIALS.secretAccessKey,
    });
    const { Clients } = await visit.admin.getConversation({
      businessId: DEMO_BUSINESS,
      sessionId: 'session_demo_050',
    });
    const url = new URL(Clients[0]?.AudioUrl ?? '');
    expect(url.origin).toBe(swift.endpoint);
    await using page = await visit.open(`/b/${DEMO_BUSINESS}/conversations/session_demo_050`);
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
    expect(saved.suggestedFilename()).toMatch(/^session_demo_050-/);
    expect((await stat(await saved.path())).size).toBeGreaterThan(10_000);
    const answer = await fetch(visit.server.url);
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
