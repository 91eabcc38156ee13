import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { wavOf } from '../fixtures/wav.ts';
import { ROOT } from '../servers/server-process.ts';
import {
  type BrowserSession,
  DEMO_BUSINESS,
  openBrowserSession,
  type SessionPage,
  WITH_FFMPEG,
} from './browser.ts';
import { browserPath } from './chromium.ts';
import { after, START } from './written-calls.ts';

const businessId = DEMO_BUSINESS;
const fixture = async (name: string) =>
  new Uint8Array(await readFile(join(ROOT, 'test/fixtures/audio', name)));

/** One word per second in a call of 50 s. */
const WORDS = Array.from({ length: 50 }, (_, second) => ({
  Word: `word${second}`,
  StartMs: second * 1000,
  EndMs: second * 1000 + 900,
}));

let session: BrowserSession;

async function write(
  sessionId: string,
  recording: {
    readonly audio: Uint8Array<ArrayBuffer>;
    readonly contentType: string;
    readonly StartTime?: string;
  },
): Promise<void> {
  await session.admin.putConversation({
    ...{ businessId, sessionId, Status: 'Completed', EndType: 'Normal', InitiationType: 'Inbound' },
    StartTime: START,
    EndTime: after(50),
    Clients: [{ ClientId: 'c', ClientType: 'Phone', JoinedAt: START, Name: 'Noor' }],
    Messages: [
      {
        ...{ SenderId: 'c', Role: 'User', Timestamp: START, Words: WORDS },
        Content: WORDS.map(({ Word }) => Word).join(' '),
      },
    ],
  } as never);
  await session.admin.putRecording({
    businessId,
    sessionId,
    participantId: '_mixed',
    ...recording,
  });
}

const open = async (sessionId: string) => {
  const page = await session.open(`/b/${businessId}/conversations/${sessionId}`);
  await page.getByRole('button', { name: 'Play', exact: true }).waitFor();
  await page.locator('audio[data-track]').evaluate(async (element) => {
    const audio = element as HTMLAudioElement;
    while (audio.readyState < 2) await new Promise((resolve) => setTimeout(resolve, 20));
  });
  return page;
};

const seek = (page: SessionPage, word: number) =>
  page.getByText(`word${word}`, { exact: true }).click();
const audioTime = (page: SessionPage) =>
  page
    .locator('audio[data-track]')
    .evaluate((element) => (element as HTMLAudioElement).currentTime);
/** The tone that plays, in hertz, and the time of the audio element. */
const hear = (page: SessionPage) =>
  page.locator('audio[data-track]').evaluate(async (element) => {
    const audio = element as HTMLAudioElement & { heard?: AnalyserNode };
    if (!audio.heard) {
      const context = new AudioContext();
      audio.heard = new AnalyserNode(context, { fftSize: 8192, smoothingTimeConstant: 0 });
      context.createMediaElementSource(audio).connect(audio.heard).connect(context.destination);
    }
    const { heard } = audio;
    const strengths = new Float32Array(heard.frequencyBinCount);
    const from = audio.currentTime;
    while (audio.currentTime < from + 0.4) await new Promise((resolve) => setTimeout(resolve, 20));
    heard.getFloatFrequencyData(strengths);
    const loudest = strengths.indexOf(Math.max(...strengths));
    return { hertz: (loudest * heard.context.sampleRate) / heard.fftSize, at: audio.currentTime };
  });
const lit = (page: SessionPage) => page.locator('[data-word].bg-accent').textContent();

describe.skipIf(browserPath() === null)('a recording', () => {
  beforeAll(async () => {
    session = await openBrowserSession(WITH_FFMPEG);
  });
  afterAll(() => session?.[Symbol.asyncDispose]());

  test('a recording that begins later plays at its StartTime', async () => {
    const audio = new Uint8Array(wavOf(8000, 8000 * 30, 1, (_, at) => 0.5 * Math.sin(at / 5)));
    await write('session_late', { audio, contentType: 'audio/wav', StartTime: after(20) });
    await using page = await open('session_late');
    const pause = page.getByRole('button', { name: 'Pause', exact: true });
    await seek(page, 30);
    await pause.click();
    const word = Number((await lit(page))?.slice(4));
    expect(await audioTime(page)).toBeGreaterThanOrEqual(word - 20);
    expect(await audioTime(page)).toBeLessThan(word - 19);
    // The waveform is drawn where it plays.
    const wave = page.locator('[aria-label="Recording"] [style*="margin-inline-start"]').first();
    await wave.waitFor();
    expect(await wave.evaluate((element) => (element as HTMLElement).style.marginInlineStart)).toBe(
      '40%',
    );
    if (process.env.SCREENSHOT) await page.screenshot({ path: process.env.SCREENSHOT });
  });

  test('a recording cut from a longer stream plays from its beginning', async () => {
    for (const [name, contentType] of [
      ['joined-late.ogg', 'audio/ogg'],
      ['late.webm', 'audio/webm'],
    ] as const) {
      await write(`session_${name}`, { audio: await fixture(name), contentType, StartTime: START });
      await using page = await open(`session_${name}`);
      const origin = await audioTime(page);
      expect(origin).toBeGreaterThan(4);
      await page.getByRole('button', { name: 'Play', exact: true }).click();
      await expect.poll(() => audioTime(page)).toBeGreaterThan(origin + 0.3);
      await page.getByRole('button', { name: 'Pause', exact: true }).click();
      const slider = Number(await page.getByLabel('Time', { exact: true }).inputValue());
      expect(Math.abs(slider / 1000 - ((await audioTime(page)) - origin))).toBeLessThan(0.3);
      await seek(page, 2);
      await page.getByRole('button', { name: 'Pause', exact: true }).click();
      expect(await lit(page)).toBe('word2');
      expect((await audioTime(page)) - origin).toBeGreaterThanOrEqual(1.9);
      expect((await audioTime(page)) - origin).toBeLessThan(3);
    }
  });

  test('seeking in an MP3 of variable bit rate without a header is exact up to its end', async () => {
    const audio = await fixture('vbr-no-xing.mp3');
    await write('session_vbr', { audio, contentType: 'audio/mpeg', StartTime: START });
    await using page = await open('session_vbr');
    const duration = await page
      .locator('audio[data-track]')
      .evaluate((element) => (element as HTMLAudioElement).duration);
    expect(duration).toBeCloseTo(45.07, 1);
    await seek(page, 44);
    await page.getByRole('button', { name: 'Pause', exact: true }).click();
    expect(await audioTime(page)).toBeGreaterThanOrEqual(43.9);
    expect(await lit(page)).toBe('word44');
  });

  test('an MP3 of variable bit rate plays in sync with its words', async () => {
    // Each second has its own tone: 400 Hz, 440 Hz and so on.
    const audio = await fixture('vbr-tones.mp3');
    await write('session_tones', { audio, contentType: 'audio/mpeg', StartTime: START });
    await using page = await open('session_tones');
    for (const word of [3, 8, 13, 18]) {
      await seek(page, word);
      const { hertz, at } = await hear(page);
      const marked = Number((await lit(page))?.slice(4));
      await page.getByRole('button', { name: 'Pause', exact: true }).click();
      const second = (hertz - 400) / 40;
      // The analyser covers the last fifth of a second.
      expect([word, second]).toEqual([word, expect.closeTo(Math.floor(at - 0.1), 0)]);
      expect(Math.abs(marked - at)).toBeLessThan(1.2);
      expect(at).toBeGreaterThanOrEqual(word);
    }
  });
});
