import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { InputOf, OutputOf } from '@colloquy/sdk';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { ROOT } from '../servers/server-process.ts';
import {
  type BrowserSession,
  DEMO_BUSINESS,
  findBarriers,
  findOverflow,
  intercept,
  openBrowserSession,
  type SessionPage,
  WITH_FFMPEG,
} from './browser.ts';
import { browserPath } from './chromium.ts';
import { after, inArabic, long, START } from './written-calls.ts';

type Message = OutputOf<'GetConversation'>['Messages'][number];

const businessId = DEMO_BUSINESS;
const pathOf = (id: string) => `/b/${DEMO_BUSINESS}/conversations/${id}`;

let session: BrowserSession;
/** The conversation with two recordings, words with times and a tool call. */
let spoken: string;
/** All conversations with recordings and word times. */
const recorded: string[] = [];

const soundsOf = (page: SessionPage) =>
  page.locator('audio[data-track]').evaluateAll((all) =>
    (all as HTMLAudioElement[]).map(({ currentTime, paused, playbackRate }) => ({
      currentTime,
      paused,
      playbackRate,
    })),
  );
const times = async (page: SessionPage) =>
  (await soundsOf(page)).map(({ currentTime }) => currentTime);

/** Seconds; maximum difference of tracks that play together. */
const IN_STEP = 0.3;
const apart = async (page: SessionPage) => {
  const all = await times(page);
  return Math.max(...all) - Math.min(...all);
};

const PLAYED_FROM = 'data-played-from';
/** Records where playing starts next, for `playedFrom`. */
const notePlay = (page: SessionPage) =>
  page
    .locator('audio[data-track]')
    .first()
    .evaluate((element, attribute) => {
      const audio = element as HTMLAudioElement;
      audio.removeAttribute(attribute);
      const note = () => audio.setAttribute(attribute, String(audio.currentTime));
      for (const event of ['play', 'seeking']) audio.addEventListener(event, note, { once: true });
    }, PLAYED_FROM);
const playedFrom = async (page: SessionPage) =>
  Number(await page.locator(`audio[${PLAYED_FROM}]`).first().getAttribute(PLAYED_FROM));

describe.skipIf(browserPath() === null)('the page of a conversation', () => {
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

  test('a conversation opened from the list plays its recordings in sync', async () => {
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
    // All tracks play in sync.
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

  test('a conversation plays from a clicked word, and keys change speed and position', async () => {
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
    // The current message is marked.
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
    // A click beside the words plays the message and turns following on.
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

  test('a seek while paused scrolls to the message of that time', async () => {
    await using page = await session.open(pathOf(spoken));
    await page.setViewportSize({ width: 1280, height: 700 });
    await page.getByRole('article').first().waitFor();
    const current = page.locator('[aria-current=time]');
    expect(await current.count()).toBe(0);
    /** The time of the marked message in seconds, if it is visible. */
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
    // The user scrolls away and continues by keys.
    await page.locator('[role=log]').hover();
    await page.mouse.wheel(0, -9_000);
    await expect.poll(seen).toBeNull();
    await page.locator('h1').click();
    await page.keyboard.press('ArrowLeft');
    await expect.poll(seen).toBeGreaterThan(length * 0.5);
    expect((await soundsOf(page)).every(({ paused }) => paused)).toBe(true);
  });

  test('playing waits for a slow recording and continues without a broken one', async () => {
    const { Clients, Agents } = await session.admin.getConversation({
      businessId,
      sessionId: spoken,
    });
    const urls = [...Clients, ...Agents].map(({ AudioUrl }) => new URL(AudioUrl ?? '').pathname);
    const [slow = ''] = urls;
    const name = Clients[0]?.Name ?? Clients[0]?.PhoneNumber ?? Clients[0]?.ClientId ?? '';
    await using page = await session.open(`/b/${DEMO_BUSINESS}/overview`);
    let requests = 0;
    const { promise: released, resolve: release } = Promise.withResolvers<void>();
    const endDelay = await intercept(
      page,
      ({ pathname }) => pathname === slow,
      async (route) => {
        requests += 1;
        await released;
        await route.continue();
      },
    );
    await page.goto(pathOf(spoken));
    await page.getByRole('button', { name: 'Play', exact: true }).click();
    await page.getByText('Waiting for the recording…').waitFor();
    // A track with data may play until the next frame sets it back.
    await expect.poll(async () => Math.max(...(await times(page)))).toBeLessThan(IN_STEP);
    release();
    await expect.poll(async () => Math.min(...(await times(page)))).toBeGreaterThan(0.5);
    await expect.poll(() => apart(page)).toBeLessThan(IN_STEP);
    expect(requests).toBeGreaterThan(0);
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
    // A URL is the same for half of its lifetime, so the player may try two.
    expect([1, 2]).toContain(tried.size);
    await page.getByRole('button', { name: 'Play', exact: true }).click();
    await expect.poll(async () => (await times(page))[0]).toBeGreaterThan(1);
    expect(await times(page)).toHaveLength(urls.length - 1);
    // The message stays and can be retried.
    await page.getByText(`The recording of ${name} cannot be played.`).waitFor();
    bringBack();
    await page.getByRole('button', { name: 'Try again' }).click();
    await expect.poll(async () => (await times(page)).length).toBe(urls.length);
    await expect.poll(async () => Math.min(...(await times(page)))).toBeGreaterThan(1.5);
  });

  test('a link to a message or time opens there', async () => {
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

  test('a conversation downloads as text, subtitles, JSON and audio', async () => {
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
    const answer = await fetch(agent?.AudioUrl ?? '');
    expect(sound.bytes.equals(Buffer.from(await answer.arrayBuffer()))).toBe(true);
  });

  test('arrow keys step through messages, including ones with the same time', async () => {
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
    // Without a recording, keys of the player do nothing.
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

  test('a conversation shows tool calls and, if chosen, its log', async () => {
    await using page = await session.open(pathOf(spoken));
    const call = page.getByRole('article').filter({ hasText: 'Arguments' }).first();
    await call.scrollIntoViewIfNeeded();
    await call.getByText('Arguments').click();
    await call.locator('pre').first().waitFor();
    expect(await page.getByText('Info', { exact: true }).count()).toBe(0);
    await page.getByLabel('Logs').selectOption('Info and above');
    await page.locator('[role=log]').evaluate((element) => element.scrollTo(0, 0));
    await page.getByText('Info', { exact: true }).first().waitFor();
    expect(await findBarriers(page)).toEqual([]);
  });

  test('a conversation without messages shows its log', async () => {
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

  test('a small window leaves most of its space to the transcript', async () => {
    await using page = await session.open(pathOf(spoken), {
      viewport: { width: 360, height: 640 },
    });
    await page.getByRole('article').first().waitFor();
    const heightOf = async () => (await page.locator('[role=log]').boundingBox())?.height ?? 0;
    expect(await heightOf()).toBeGreaterThan(420);
    expect(await findOverflow(page)).toEqual([]);
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
    expect(await findBarriers(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await page.keyboard.press('/');
    const box = page.getByLabel('Find in this conversation');
    await box.fill('the');
    await page.getByText(/^1 of \d+$/).waitFor();
    expect(await findOverflow(page)).toEqual([]);
    // The first Escape clears the box, the second leaves it.
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

  test('a live conversation is followed until its recording is available', async () => {
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
    // After access was revoked, the data disappears and only a click retries.
    const Message = 'It is not yours to see any more.';
    const refusal = { Success: false, Code: 'GetConversation:FORBIDDEN', Message };
    const allow = await intercept(page, `**/conversations/${sessionId}`, (route) =>
      route.fulfill({ status: 403, json: refusal }),
    );
    await append({ EventId: '3b', Type: 'MessageAdded', Timestamp: now(), ...said });
    await page.getByText(Message).waitFor();
    expect(await page.getByText('Is anybody there?').count()).toBe(0);
    allow();
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByText('Is anybody there?').first().waitFor();
    await append({ EventId: '4', Type: 'SessionEnded', Timestamp: now(), EndType: 'Normal' });
    await page.getByText('Completed').first().waitFor();
    const wav = 'samples/audio-formats/whatstheweatherlike.wav';
    const audio = new Uint8Array(await readFile(join(ROOT, wav)));
    const recording = { participantId: 'c', audio, contentType: 'audio/wav' as const };
    await session.admin.putRecording({ businessId, sessionId, ...recording });
    await page.getByRole('button', { name: 'Play', exact: true }).waitFor();
  });

  test('an Arabic conversation is written from right to left', async () => {
    await session.admin.putConversation(inArabic(businessId));
    await using page = await session.open(pathOf('session_arabic'), {
      viewport: { width: 360, height: 740 },
    });
    const text = page.getByText('مرحبا، كيف يمكنني مساعدتك؟');
    await text.waitFor();
    const direction = await text.evaluate((element) => getComputedStyle(element).direction);
    expect(direction).toBe('rtl');
    expect(await findOverflow(page)).toEqual([]);
    expect(await findBarriers(page)).toEqual([]);
  });

  test('a conversation of 5,000 messages renders only visible ones and is searchable', async () => {
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

  test('an erased conversation and an unknown one show why they are not available', async () => {
    // Without a stream, pages poll.
    await using page = await session.open('/icon.svg', { isWithoutStream: true });
    await page.clock.install();
    await page.goto(pathOf('session_nobody_knows'));
    await page.getByText('Conversation not found').waitFor();
    let requests = 0;
    page.on('request', (request) => {
      if (request.url().endsWith('/session_nobody_knows')) requests += 1;
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
    // A page with data would refresh every few seconds.
    await page.clock.runFor(30_000);
    expect(requests).toBe(0);
  });

  test('playing skips silence', async () => {
    const { sessionId, gap, tracks } = await silentFor(1_500);
    await using page = await session.open(
      `${pathOf(sessionId)}?t=${(gap.from / 1000 - 1).toFixed(1)}`,
    );
    const play = async () => {
      await page.getByRole('button', { name: 'Play', exact: true }).click();
      /** The largest jump of the time in one frame, minus the time that has passed. */
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
    // All waveforms are loaded, so silences are known.
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

/** A conversation whose waveforms are ready, and its longest silence. */
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
