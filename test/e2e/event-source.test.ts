import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Client } from '@colloquy/sdk';
import type { ConversationEvent } from '@colloquy/wire';
import { expect, test } from 'vitest';
import { newEmail, openBrowser } from '../servers/browser.ts';
import { startServer, until } from '../servers/server-process.ts';
import { browserPath, launchBrowser } from './chromium.ts';

const sessionId = 'followed';
const Timestamp = '2026-03-01T12:00:00Z';
const started: ConversationEvent = {
  ...{ EventId: 'start', Type: 'SessionStarted', Timestamp, InitiationType: 'Web' },
};
const ended: ConversationEvent = {
  ...{ EventId: 'end', Type: 'SessionEnded', Timestamp, EndType: 'Normal' },
};
const said = (Content: string): ConversationEvent => ({
  ...{ EventId: Content, Type: 'MessageAdded', Timestamp, SenderId: 'ann', Role: 'User', Content },
});

/** Runs in the browser. */
function follow(path: string): void {
  const told: string[] = [];
  const source = new EventSource(path);
  const add = ({ type, data }: MessageEvent) => told.push(JSON.parse(data).Content ?? type);
  for (const type of ['SessionStarted', 'MessageAdded', 'SessionEnded', 'end', 'reset']) {
    source.addEventListener(type, add);
  }
  Object.assign(globalThis, { told });
}

test.skipIf(browserPath() === null)(
  'an EventSource with the session cookie follows a call across a restart of the server',
  { timeout: 120_000 },
  async () => {
    await using closing = new AsyncDisposableStack();
    const dataDir = await mkdtemp(join(tmpdir(), 'colloquy-events-'));
    closing.defer(() => rm(dataDir, { recursive: true, force: true, maxRetries: 10 }));
    const settings = { DATA_DIR: dataDir, DEMO: '0' };
    const server = closing.use(await startServer(settings));
    const { BusinessId: businessId } = await server.admin.createBusiness({ Name: 'Test' });
    const append = (client: Client, ...Events: ConversationEvent[]) =>
      client.appendConversationEvents({ businessId, sessionId, Events });
    await append(server.admin, started, said('before'));
    const { UserId } = await server.admin.createUser({
      ...{ Email: newEmail(), Name: 'Ada', IsAdmin: true },
    });
    const { cookies } = await openBrowser(server, UserId);
    const browser = await launchBrowser();
    closing.defer(() => browser.close());
    const context = await browser.newContext({ baseURL: server.url });
    await context.addCookies(
      [...cookies].map(([name, value]) => ({ name, value, url: server.url })),
    );
    const page = await context.newPage();
    await page.goto('/healthz');
    await page.evaluate(follow, `/api/v1/business/${businessId}/conversations/${sessionId}/stream`);
    const told = () => page.evaluate(() => (globalThis as unknown as { told: string[] }).told);
    await until(async () => (await told()).includes('before'));
    await server.end('SIGTERM');
    const { port: PORT } = new URL(server.url);
    const second = closing.use(await startServer({ ...settings, PORT }));
    await append(second.admin, said('after'), ended);
    await until(async () => (await told()).includes('SessionEnded'));
    expect(await told()).toEqual(['SessionStarted', 'before', 'after', 'SessionEnded']);
  },
);
