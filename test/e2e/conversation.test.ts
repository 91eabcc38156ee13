import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { InputOf, OutputOf } from '@colloquy/sdk';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { ROOT } from '../servers/server-process.ts';
import {
  type BrowserSession,
  barriersOf,
  DEMO_BUSINESS,
  intercept,
  openBrowserSession,
  tooWideOf,
  type VisitPage,
  WITH_FFMPEG,
} from './browser.ts';
import { browserPath } from './chromium.ts';
import { after, inArabic, long, START } from './written-calls.ts';

type Message = OutputOf<'GetConversation'>['Messages'][number];

const businessId = DEMO_BUSINESS;
const pathOf = (id: string) => `/b/${DEMO_BUSINESS}/conversations/${id}`;

let session: BrowserSession;
/** One with the recordings of two sides, words with their times and a tool call. */
let spoken: string;
/** All that are recorded and have words with their times. */
const recorded: string[] = [];

const soundsOf = (page: VisitPage) =>
  page.locator('audio[data-track]').evaluateAll((all) =>
    (all as HTMLAudioElement[]).map(({ currentTime, paused, playbackRate }) => ({
      currentTime,
      paused,
      playbackRate,
    })),
  );
const times = async (page: VisitPage) =>
  (await soundsOf(page)).map(({ currentTime }) => currentTime);

/** Recordings that play together are less than this apart, in seconds. */
const IN_STEP = 0.3;
const apart = async (page: VisitPage) => {
  const all = await times(page);
  return Math.max(...all) - Math.min(...all);
};

const PLAYED_FROM = 'data-played-from';
/** Keeps where it is played from next, for `playedFrom`, however far it has come by then. */
const notePlay = (page: VisitPage) =>
  page
    .locator('audio[data-track]')
    .first()
    .evaluate((element, attribute) => {
      const audio = element as HTMLAudioElement;
      audio.removeAttribute(attribute);
      const note = () => audio.setAttribute(attribute, String(audio.currentTime));
      for (const event of ['play', 'seeking']) audio.addEventListener(event, note, { once: true });
    }, PLAYED_FROM);
const playedFrom = async (page: VisitPage) =>
  Number(await page.locator(`audio[${PLAYED_FROM}]`).first().getAttribute(PLAYED_FROM));

describe.skipIf(browserPath() === null)('one conversation', () => {
  beforeAll(async () => {
    session = await openBrowserSession(WITH_FFMPEG);
    const all = session.admin.items('getConversations', {
      businessId,
      Limit: 100,
      Include: ['Messages'],
      Filter: { SessionStates: ['Completed'] },
    });
    for await (const { Id, Messages = [], Clients, Agents } of all) {
      const isRecorded = [...Clients, ...Agents].every(({ AudioUrl }) => AudioUrl !== null);
      const isSpoken = Messages.filter(({ Words }) => (Words?.length ?? 0) > 4).length > 3;
      if (!isRecorded || !isSpoken) continue;
      recorded.push(Id);
      if (Messages.some(({ ToolCall }) => ToolCall)) spoken = Id;
    }
  });
  afterAll(() => session?.[Symbol.asyncDispose]());

  test('is found in the list, and plays', async () => {
    await using page = await session.open(`/b/${DEMO_BUSINESS}/conversations?status=Completed`);
    const link = page.locator(`a[href$="${spoken}"]`);
    while ((await link.count()) === 0) {
      const first = await page.locator('[data-row-link]').first().getAttribute('href');
      await page.getByRole('button', { name: 'Next' }).click();
      await page.locator(`[data-row-link][href="${first}"]`).waitFor({ state: 'detached' });
      await page.locator('[data-row-link]').first().waitFor();
    }
    await link.click();
    await page.getByRole('button', { name: 'Play', exact: true }).click();
    // All sides sound, in step with each other.
    await expect.poll(async () => Math.min(...(await times(page)))).toBeGreaterThan(0.7);
    const first = await times(page);
    expect(first.length).toBeGreaterThan(1);
    await expect.poll(() => apart(page)).toBeLessThan(IN_STEP);
    await expect.poll(async () => (await times(page))[0]).toBeGreaterThan((first[0] ?? 0) + 0.5);
    await page.keyboard.press('Escape');
    await page.locator('h1').click();
    await page.keyboard.press('Space');
    await expect.poll(async () => (await soundsOf(page)).every(({ paused }) => paused)).toBe(true);
  });

  test('is played from a word, faster, and back and on by keys', async () => {
    const { Messages } = await session.admin.getConversation({ businessId, sessionId: spoken });
    const index = Messages.findIndex(({ Words }, at) => at > 0 && (Words?.length ?? 0) > 4);
    const message = Messages[index];
    const word = message?.Words?.[3];
    if (!message || !word) throw new Error('nothing was spoken');
    await using page = await session.open(pathOf(spoken));
    const row = page.getByRole('article').nth(index);
    await notePlay(page);
    await row.locator('[data-word="3"]').click();
    const { StartTime } = await session.admin.getConversation({ businessId, sessionId: spoken });
    const wanted = (Date.parse(message.Timestamp) - Date.parse(StartTime) + word.StartMs) / 1000;
    await expect.poll(async () => (await times(page))[0]).toBeGreaterThan(wanted);
    expect(await playedFrom(page)).toBeLessThan(wanted + 1);
    // What is spoken is marked.
    await page.locator('[aria-current=time]').waitFor();
    await page.keyboard.press('Shift+>');
    await expect
      .poll(async () => (await soundsOf(page)).map(({ playbackRate }) => playbackRate))
      .toEqual([1.25, 1.25]);
    await page.getByLabel('Speed').selectOption('3');
    await expect.poll(async () => (await soundsOf(page))[0]?.playbackRate).toBe(3);
    await page.locator('h1').click();
    await page.keyboard.press('Space');
    const slider = page.getByRole('slider', { name: 'Time' });
    const at = Number(await slider.inputValue());
    await page.keyboard.press('ArrowLeft');
    await expect.poll(async () => Number(await slider.inputValue())).toBeLessThan(at - 4_000);
    await page.keyboard.press('ArrowDown');
    const next = page.locator('[aria-current=time]');
    await expect.poll(() => next.count()).toBe(1);
    // A message is also played from what is no word of it, and is followed again.
    await page.keyboard.press('Space');
    await page.locator('[role=log]').dispatchEvent('wheel');
    await page.getByRole('button', { name: 'Follow' }).waitFor();
    await page.keyboard.press('Space');
    await expect.poll(async () => (await soundsOf(page)).every(({ paused }) => paused)).toBe(true);
    await notePlay(page);
    await row.locator('p').evaluate((text: HTMLElement) => text.click());
    await expect.poll(async () => (await soundsOf(page)).some(({ paused }) => !paused)).toBe(true);
    expect(await playedFrom(page)).toBeLessThan(wanted + 1);
    expect(await page.getByRole('button', { name: 'Follow' }).count()).toBe(0);
  });

  test('shows the message of a time that somebody goes to while nothing plays', async () => {
    await using page = await session.open(pathOf(spoken));
    await page.setViewportSize({ width: 1280, height: 700 });
    await page.getByRole('article').first().waitFor();
    const current = page.locator('[aria-current=time]');
    expect(await current.count()).toBe(0);
    /** What is marked: the time that it says, in seconds, if it is in sight. */
    const seen = async () => {
      const list = await page.locator('[role=log]').boundingBox();
      const row = (await current.count()) === 1 ? await current.boundingBox() : null;
      if (!list || !row || row.y < list.y || row.y > list.y + list.height - 20) return null;
      const name = await current.getAttribute('aria-label');
      const [, minutes, seconds] = /(\d+):(\d+)$/.exec(name ?? '') ?? [];
      return Number(minutes) * 60 + Number(seconds);
    };
    const slider = page.getByRole('slider', { name: 'Time' });
    const length = Number(await slider.getAttribute('max')) / 1000;
    await slider.fill(String(Math.floor(length * 9) * 100));
    await expect.poll(seen).toBeGreaterThan(length * 0.7);
    await slider.fill('0');
    await expect
      .poll(() => page.locator('[role=log]').evaluate(({ scrollTop }) => scrollTop))
      .toBe(0);
    const wave = await page.locator('[aria-label=Recording] [dir=ltr]').first().boundingBox();
    await page.mouse.click((wave?.x ?? 0) + (wave?.width ?? 0) * 0.9, (wave?.y ?? 0) + 10);
    await expect.poll(seen).toBeGreaterThan(length * 0.7);
    // Somebody looks elsewhere, and goes on by keys.
    await page.locator('[role=log]').hover();
    await page.mouse.wheel(0, -9_000);
    await expect.poll(seen).toBeNull();
    await page.locator('h1').click();
    await page.keyboard.press('ArrowLeft');
    await expect.poll(seen).toBeGreaterThan(length * 0.5);
    expect((await soundsOf(page)).every(({ paused }) => paused)).toBe(true);
  });

  test('waits for a recording that loads slowly, and plays on without one that cannot be', async () => {
    const { Clients, Agents } = await session.admin.getConversation({
      businessId,
      sessionId: spoken,
    });
    const urls = [...Clients, ...Agents].map(({ AudioUrl }) => new URL(AudioUrl ?? '').pathname);
    const [slow = ''] = urls;
    const name = Clients[0]?.Name ?? Clients[0]?.PhoneNumber ?? Clients[0]?.ClientId ?? '';
    await using page = await session.open(`/b/${DEMO_BUSINESS}/overview`);
    let asked = 0;
    const { promise: released, resolve: release } = Promise.withResolvers<void>();
    const endDelay = await intercept(
      page,
      ({ pathname }) => pathname === slow,
      async (route) => {
        asked += 1;
        await released;
        await route.continue();
      },
    );
    await page.goto(pathOf(spoken));
    await page.getByRole('button', { name: 'Play', exact: true }).click();
    await page.getByText('Waiting for the recording…').waitFor();
    // One that has its bytes may sound until the next frame, and is then set back.
    await expect.poll(async () => Math.max(...(await times(page)))).toBeLessThan(IN_STEP);
    release();
    await expect.poll(async () => Math.min(...(await times(page)))).toBeGreaterThan(0.5);
    await expect.poll(() => apart(page)).toBeLessThan(IN_STEP);
    expect(asked).toBeGreaterThan(0);
    expect(await page.getByText('Waiting for the recording…').count()).toBe(0);

    endDelay();
    const tried = new Set<string>();
    const bringBack = await intercept(
      page,
      ({ pathname }) => pathname === slow,
      async (route) => {
        tried.add(route.request().url());
        await route.fulfill({ status: 404, body: 'It is gone.' });
      },
    );
    await page.reload();
    await page.getByText(`The recording of ${name} cannot be played.`).waitFor();
    // An address stays the same for half of its time; after that the player tries the next one too.
    expect([1, 2]).toContain(tried.size);
    await page.getByRole('button', { name: 'Play', exact: true }).click();
    await expect.poll(async () => (await times(page))[0]).toBeGreaterThan(1);
    expect(await times(page)).toHaveLength(urls.length - 1);
    // It stays said, and may come back.
    await page.getByText(`The recording of ${name} cannot be played.`).waitFor();
    bringBack();
    await page.getByRole('button', { name: 'Try again' }).click();
    await expect.poll(async () => (await times(page)).length).toBe(urls.length);
    await expect.poll(async () => Math.min(...(await times(page)))).toBeGreaterThan(1.5);
  });

  test('has a link to each of its moments', async () => {
    await using page = await session.open(pathOf(spoken));
    const row = page.getByRole('article').nth(2);
    await row.hover();
    await row.getByRole('button', { name: 'Copy a link to message 3' }).click();
    await page.getByText('Link copied.').waitFor();
    const link = await page.evaluate(() => navigator.clipboard.readText());
    expect(link).toBe(`${session.server.url}${pathOf(spoken)}?message=3`);
    await using there = await session.open(link);
    const slider = there.getByRole('slider', { name: 'Time' });
    const { Messages, StartTime } = await session.admin.getConversation({
      businessId,
      sessionId: spoken,
    });
    const at = Date.parse(Messages[2]?.Timestamp ?? '') - Date.parse(StartTime);
    await expect
      .poll(async () => Math.abs(Number(await slider.inputValue()) - at))
      .toBeLessThan(150);
    expect((await soundsOf(there)).every(({ paused }) => paused)).toBe(true);

    await using second = await session.open(`${pathOf(spoken)}?t=12.5`);
    const its = second.getByRole('slider', { name: 'Time' });
    await expect.poll(async () => Number(await its.inputValue())).toBe(12_500);
    await second.keyboard.press('m');
    await second.getByText('Link copied.').waitFor();
    expect(await second.evaluate(() => navigator.clipboard.readText())).toMatch(/\?t=12\.5$/);
  });

  test('is saved as text, subtitles, data and sound', async () => {
    await using page = await session.open(pathOf(spoken));
    const save = async (name: string) => {
      await page.getByRole('button', { name: 'Download' }).click();
      const download = page.waitForEvent('download');
      await page.getByRole('menuitem', { name }).click();
      const done = await download;
      const bytes = await readFile(await done.path());
      return { name: done.suggestedFilename(), text: bytes.toString('utf8'), bytes };
    };
    const conversation = await session.admin.getConversation({ businessId, sessionId: spoken });
    const first = conversation.Messages[0]?.Content ?? '';
    expect((await save('Text (.txt)')).text).toContain(first);
    const subtitles = await save('Subtitles (.vtt)');
    expect(subtitles.name).toBe(`${spoken}.vtt`);
    expect(subtitles.text).toMatch(/^WEBVTT\n\n1\n00:00:/);
    expect(JSON.parse((await save('Data (.json)')).text)).toMatchObject({ Id: spoken });
    const [agent] = conversation.Agents;
    const sound = await save(agent?.Name ?? agent?.AgentId ?? '');
    expect(sound.name).toMatch(new RegExp(`^${spoken}-${agent?.AgentId}\\.\\w+$`));
    const kept = await fetch(agent?.AudioUrl ?? '');
    expect(sound.bytes.equals(Buffer.from(await kept.arrayBuffer()))).toBe(true);
  });

  test('is walked through message by message, also where several begin in one moment', async () => {
    const said = (Content: string, seconds: number) =>
      ({ SenderId: 'c', Role: 'User', Content, Timestamp: after(seconds) }) as const;
    await session.admin.putConversation({
      ...inArabic(businessId),
      sessionId: 'session_at_once',
      Messages: [
        said('one', 1),
        said('two', 5),
        said('three', 5),
        said('four', 5),
        said('five', 9),
      ],
    });
    await using page = await session.open(pathOf('session_at_once'));
    await page.getByText('No recording.').waitFor();
    const current = () => page.locator('[aria-current=time] p').allTextContents();
    for (const text of ['one', 'two', 'three', 'four', 'five', 'five']) {
      await page.keyboard.press('ArrowDown');
      await expect.poll(current).toEqual([text]);
    }
    for (const text of ['four', 'three', 'two', 'one', 'one']) {
      await page.keyboard.press('ArrowUp');
      await expect.poll(current).toEqual([text]);
    }
    // There is nothing to play: the keys of the player do nothing, and time stands still.
    await page.keyboard.press('Space');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('m');
    await page.getByText('Link copied.').waitFor();
    expect(await page.evaluate(() => navigator.clipboard.readText())).toMatch(/\?t=1\.0$/);
    await page.evaluate(() => {
      navigator.clipboard.writeText = () => Promise.reject(new Error('no'));
      document.execCommand = () => false;
    });
    await page.keyboard.press('m');
    await page.getByText('Could not copy the link.').waitFor();
  });

  test('shows what an agent asked of a program, and the log, where wanted', async () => {
    await using page = await session.open(pathOf(spoken));
    const call = page.getByRole('article').filter({ hasText: 'Arguments' }).first();
    await call.scrollIntoViewIfNeeded();
    await call.getByText('Arguments').click();
    await call.locator('pre').first().waitFor();
    expect(await page.getByText('Info', { exact: true }).count()).toBe(0);
    await page.getByLabel('Logs').selectOption('Info and above');
    await page.locator('[role=log]').evaluate((element) => element.scrollTo(0, 0));
    await page.getByText('Info', { exact: true }).first().waitFor();
    expect(await barriersOf(page)).toEqual([]);
  });

  test('in which nothing was said shows what was logged', async () => {
    const sessionId = 'session_silent';
    const failed = { Timestamp: START, Level: 'Error' as const, Message: 'SIP 503 of the trunk' };
    await session.admin.putConversation({
      ...inArabic(businessId),
      sessionId,
      Status: 'Failed',
      EndType: 'InitializeError',
      Messages: [],
      Logs: [failed],
    });
    await using page = await session.open(pathOf(sessionId));
    await page.getByText('Nothing was said.').waitFor();
    await page.getByText(failed.Message).waitFor();
    await page.getByLabel('Logs').selectOption('No logs');
    await page.getByText(failed.Message).waitFor({ state: 'detached' });
  });

  test('leaves most of a small window to what was said', async () => {
    await using page = await session.open(pathOf(spoken), {
      viewport: { width: 360, height: 640 },
    });
    await page.getByRole('article').first().waitFor();
    const heightOf = async () => (await page.locator('[role=log]').boundingBox())?.height ?? 0;
    expect(await heightOf()).toBeGreaterThan(420);
    expect(await tooWideOf(page)).toEqual([]);
    await page.getByRole('button', { name: 'Play', exact: true }).click();
    await expect.poll(async () => Math.min(...(await times(page)))).toBeGreaterThan(0.3);
    await page.getByRole('button', { name: 'Playback' }).click();
    await page.getByLabel('Speed').selectOption('2');
    await page
      .getByRole('button', { name: /^Mute / })
      .first()
      .click();
    const muted = () =>
      page
        .locator('audio[data-track]')
        .evaluateAll((all) => (all as HTMLAudioElement[]).filter(({ muted }) => muted).length);
    expect(await muted()).toBe(1);
    expect(await barriersOf(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await page.keyboard.press('/');
    const box = page.getByLabel('Find in this conversation');
    await box.fill('the');
    await page.getByText(/^1 of \d+$/).waitFor();
    expect(await tooWideOf(page)).toEqual([]);
    // The first Escape clears it, the second leaves it.
    await box.press('Escape');
    expect(await box.inputValue()).toBe('');
    await box.press('Escape');
    await box.waitFor({ state: 'detached' });
    expect(await muted()).toBe(1);
    await page.getByRole('button', { name: 'More' }).click();
    await page.getByRole('menuitem', { name: 'Copy link' }).click();
    await page.getByText('Link copied.').waitFor();
    await page.setViewportSize({ width: 800, height: 400 });
    expect(await heightOf()).toBeGreaterThan(200);
  });

  test('is followed while it goes on, to the recording that comes when it is over', async () => {
    const sessionId = 'session_going_on';
    const now = () => new Date().toISOString();
    const append = (...Events: InputOf<'AppendConversationEvents'>['Events']) =>
      session.admin.appendConversationEvents({ businessId, sessionId, Events });
    const caller = { ClientId: 'c', ClientType: 'Phone' as const, Name: 'Noor' };
    await append(
      { EventId: '1', Type: 'SessionStarted', Timestamp: now(), InitiationType: 'Inbound' },
      { EventId: '2', Type: 'ClientJoined', Timestamp: now(), ...caller },
    );
    await using page = await session.open(pathOf(sessionId));
    await page.getByText('The recording will be available after the call.').waitFor();
    const said = { SenderId: 'c', Role: 'User' as const, Content: 'Is anybody there?' };
    await append({ EventId: '3', Type: 'MessageAdded', Timestamp: now(), ...said });
    await page.getByText('Is anybody there?').waitFor();
    // Who may not see it any more does not, and asks again by hand.
    const Message = 'It is not yours to see any more.';
    const refusal = { Success: false, Code: 'GetConversation:FORBIDDEN', Message };
    const allow = await intercept(page, `**/conversations/${sessionId}`, (route) =>
      route.fulfill({ status: 403, json: refusal }),
    );
    await page.getByText(Message).waitFor();
    expect(await page.getByText('Is anybody there?').count()).toBe(0);
    allow();
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByText('Is anybody there?').waitFor();
    await append({ EventId: '4', Type: 'SessionEnded', Timestamp: now(), EndType: 'Normal' });
    await page.getByText('Completed').first().waitFor();
    const wav = 'samples/audio-formats/whatstheweatherlike.wav';
    const audio = new Uint8Array(await readFile(join(ROOT, wav)));
    const recording = { participantId: 'c', audio, contentType: 'audio/wav' as const };
    await session.admin.putRecording({ businessId, sessionId, ...recording });
    await page.getByRole('button', { name: 'Play', exact: true }).waitFor();
  });

  test('is written from right to left where its language is', async () => {
    await session.admin.putConversation(inArabic(businessId));
    await using page = await session.open(pathOf('session_arabic'), {
      viewport: { width: 360, height: 740 },
    });
    const text = page.getByText('مرحبا، كيف يمكنني مساعدتك؟');
    await text.waitFor();
    const direction = await text.evaluate((element) => getComputedStyle(element).direction);
    expect(direction).toBe('rtl');
    expect(await tooWideOf(page)).toEqual([]);
    expect(await barriersOf(page)).toEqual([]);
  });

  test('of 5,000 messages draws only those in view while scrolled, and is searched', async () => {
    await session.admin.putConversation(long(businessId));
    await using page = await session.open(pathOf('session_long'));
    await page.getByRole('article').first().waitFor();
    expect(await page.getByRole('article').count()).toBeLessThan(60);
    await page.locator('[role=log]').evaluate(async (element) => {
      for (let frame = 0; frame < 180; frame += 1) {
        element.scrollTop += 160;
        await new Promise((resolve) => requestAnimationFrame(resolve));
      }
    });
    expect(await page.getByRole('article').count()).toBeLessThan(60);
    await page.getByLabel('Find in this conversation').fill('number 4321.');
    await page.keyboard.press('Enter');
    await page.getByText('This is message number 4321.').waitFor();
    const box = page.getByLabel('Find in this conversation');
    await box.press('Escape');
    expect(await box.inputValue()).toBe('');
    await box.press('Escape');
    expect(await box.evaluate((element) => element === document.activeElement)).toBe(false);
    await using there = await session.open(`${pathOf('session_long')}?message=4900`);
    await there.getByText('This is message number 4900.').waitFor();
  });

  test('that is erased or was never there says so', async () => {
    await using page = await session.open('/icon.svg');
    await page.clock.install();
    await page.goto(pathOf('session_nobody_knows'));
    await page.getByText('Conversation not found').waitFor();
    let asked = 0;
    page.on('request', (request) => {
      if (request.url().endsWith('/session_nobody_knows')) asked += 1;
    });
    await session.admin.putConversation({ ...inArabic(businessId), sessionId: 'session_to_erase' });
    const SessionIds = ['session_to_erase'];
    const hold = { businessId, Name: 'Case 17', Reason: 'Counsel asked for it.', SessionIds };
    const { HoldId } = await session.admin.createHold(hold);
    await using other = await session.open(pathOf('session_to_erase'));
    await other.getByRole('button', { name: 'More' }).click();
    await other.getByRole('menuitem', { name: 'Erase…' }).click();
    await other.getByRole('button', { name: 'Erase permanently' }).waitFor();
    await other.keyboard.press('Escape');
    const focused = () => other.evaluate(() => document.activeElement?.getAttribute('aria-label'));
    await expect.poll(focused).toBe('More');
    await other.keyboard.press('Enter');
    await other.getByRole('menuitem', { name: 'Erase…' }).press('Enter');
    await other.getByRole('button', { name: 'Erase permanently' }).click();
    await other.getByText(`The legal hold "Case 17" (${HoldId}) keeps`).waitFor();
    await other.getByRole('link', { name: 'Legal holds' }).waitFor();
    await session.admin.liftHold({ businessId, holdId: HoldId });
    await other.getByRole('button', { name: 'Erase permanently' }).click();
    await other.getByRole('heading', { name: 'Conversations' }).waitFor();
    await using gone = await session.open(pathOf('session_to_erase'));
    await gone.getByText('This conversation is no longer available').waitFor();
    // A conversation that is there is requested again every few seconds.
    await page.clock.runFor(30_000);
    expect(asked).toBe(0);
  });

  test('passes over silence', async () => {
    const { sessionId, gap, tracks } = await silentFor(1_500);
    await using page = await session.open(
      `${pathOf(sessionId)}?t=${(gap.from / 1000 - 1).toFixed(1)}`,
    );
    const play = async () => {
      await page.getByRole('button', { name: 'Play', exact: true }).click();
      /** How far the time goes on in one frame, beyond what passes meanwhile. */
      const leaps = await page.evaluate(async (until) => {
        const slider = document.querySelector<HTMLInputElement>('input[type=range]');
        let [time, now] = [Number(slider?.value), performance.now()];
        let longest = 0;
        for (const begun = now; time < until && now - begun < 20_000; ) {
          await new Promise((resolve) => requestAnimationFrame(resolve));
          const [at, passed] = [Number(slider?.value) - time, performance.now() - now];
          longest = Math.max(longest, at - passed);
          time += at;
          now += passed;
        }
        return longest;
      }, gap.to + 200);
      await page.getByRole('button', { name: 'Pause' }).click();
      return leaps;
    };
    await page.getByRole('button', { name: 'Skip silence' }).waitFor();
    // The shapes of all recordings have come: silence is known.
    const shapes = page.locator('[aria-label=Recording] [aria-hidden] > div');
    await expect.poll(() => shapes.count()).toBe(tracks);
    expect(await play()).toBeLessThan(gap.length / 2);
    await page.reload();
    await page.getByRole('button', { name: 'Skip silence' }).click();
    await page.getByRole('button', { name: 'Skipping silence' }).waitFor();
    await expect.poll(() => shapes.count()).toBe(tracks);
    const leap = await play();
    expect(leap).toBeGreaterThan(gap.length / 2);
    expect(leap).toBeLessThan(gap.length);
  });
});

/** One of whose recordings the shapes are made already, and the longest time in it that nobody speaks. */
async function silentFor(milliseconds: number) {
  const ready = async () => {
    for (const sessionId of recorded) {
      const { Messages, StartTime, Clients, Agents } = await session.admin.getConversation({
        businessId,
        sessionId,
      });
      const ids = [...Clients.map((one) => one.ClientId), ...Agents.map((one) => one.AgentId)];
      const peaks = ids.map((participantId) =>
        session.admin.getRecordingPeaks({ businessId, sessionId, participantId }),
      );
      const isReady = (await Promise.allSettled(peaks)).every((one) => one.status === 'fulfilled');
      const gap = longestGap(Messages, Date.parse(StartTime));
      if (isReady && gap.length > milliseconds) return { sessionId, gap, tracks: ids.length };
    }
    return null;
  };
  return vi.waitFor(
    async () => {
      const one = await ready();
      if (!one) throw new Error('no recording has its shape yet');
      return one;
    },
    { timeout: 60_000, interval: 500 },
  );
}

function longestGap(messages: readonly Message[], start: number) {
  let until = 0;
  let gap = { from: 0, to: 0, length: 0 };
  for (const { Role, Timestamp, EndedAt } of messages) {
    if (Role === 'Tool') continue;
    const at = Date.parse(Timestamp) - start;
    if (until > 0 && at - until > gap.length) gap = { from: until, to: at, length: at - until };
    until = Math.max(until, Date.parse(EndedAt ?? Timestamp) - start);
  }
  return gap;
}
