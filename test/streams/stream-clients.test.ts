import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { runHere } from '../../packages/cli/test/run-cli.ts';
import { until } from '../servers/server-process.ts';
import { ADMIN_KEY, startTestServer, type TestServer } from '../servers/test-server.ts';
import { StreamActions } from './stream-actions.ts';

let server: TestServer;
let call: StreamActions;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server[Symbol.asyncDispose]());
beforeEach(async () => {
  call = new StreamActions(server, await server.newBusiness());
});
afterEach(() => call.closeAll());

describe('the SDK', () => {
  test('follows a conversation until it is sealed', async () => {
    const { businessId } = call;
    await call.append('a', call.started(), call.said('one'));
    const told: string[] = [];
    const ids: string[] = [];
    const following = (async () => {
      const input = { businessId, sessionId: 'a' };
      const options = { onEventId: (id: string) => void ids.push(id) };
      for await (const event of server.admin.stream(input, options)) {
        told.push(event.Type === 'MessageAdded' ? event.Content : event.Type);
      }
    })();
    await until(async () => told.includes('one'));
    await call.append('a', call.said('two'), call.ended());
    await call.seal();
    await following;
    expect(told).toEqual(['SessionStarted', 'one', 'two', 'SessionEnded']);
    const rest: unknown[] = [];
    const input = { businessId, sessionId: 'a', LastEventId: ids[1] ?? '' };
    for await (const event of server.admin.streamConversation(input)) rest.push(event.Type);
    expect(rest).toEqual(['MessageAdded', 'SessionEnded']);
    const over = { ...input, LastEventId: ids.at(-1) ?? '' };
    expect((await server.admin.streamConversation(over).next()).done).toBe(true);
  });

  test('continues after a lost connection without a gap or a repeat', async () => {
    const { businessId } = call;
    await call.append('a', call.started());
    const told: string[] = [];
    const stop = new AbortController();
    const following = (async () => {
      const options = { signal: stop.signal };
      for await (const event of server.admin.streamBusiness(
        { businessId, Since: call.at(), SessionStates: ['Active', 'Completed'] },
        options,
      )) {
        told.push(event.Type === 'MessageAdded' ? event.Content : event.Type);
      }
    })().catch((error: unknown) => error);
    await until(async () => told.length === 1);
    server.app.ctx.streams.endAll();
    await call.append('a', call.said('one'));
    await call.append('a', call.said('two'));
    await until(async () => told.includes('two'));
    expect(told).toEqual(['SessionStarted', 'one', 'two']);
    stop.abort();
    expect(await following).toMatchObject({ name: 'AbortError' });
    await until(async () => server.app.ctx.streams.count === 0);
  });

  test('throws if the stream is refused', async () => {
    const { businessId } = call;
    const follow = (sessionId: string, client = server.admin) =>
      client.streamConversation({ businessId, sessionId }).next();
    await expect(follow('unknown')).rejects.toMatchObject({ reason: 'NOT_FOUND' });
    await expect(follow('a', server.client('wrong'))).rejects.toMatchObject({
      reason: 'API_KEY_INVALID',
    });
  });
});

describe('colloquy tail', () => {
  const tail = (...args: string[]) =>
    runHere(['tail', '--business', String(call.businessId), ...args], {
      ...{ url: server.url, key: ADMIN_KEY },
    });

  test('prints a line per event until the conversation is sealed', async () => {
    await call.put('a', 'Completed', 'Hello\u001b[2J?');
    const { stdout, code } = await tail('--session', 'a');
    const [start, end] = [call.at().slice(11, 19), call.at(60).slice(11, 19)];
    expect(stdout.trimEnd().split('\n')).toEqual([
      `${start}  a  SessionStarted Web`,
      `${start}  a  ClientJoined ann`,
      `${start}  a  ann: Hello [2J?`,
      `${end}  a  SessionEnded Normal`,
    ]);
    expect(code).toBe(0);
  });

  test('prints JSON of a whole business', async () => {
    await call.append('a', call.started(), call.said('one'));
    await call.append('b', call.started());
    const since = ['--since', call.at(), '--session-states', 'Active,Paused'];
    const { stdout } = await tail(...since, '--json', '--count', '3');
    const events = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(events.map(({ ConversationId, Type }) => `${ConversationId} ${Type}`)).toEqual([
      ...['a SessionStarted', 'a MessageAdded', 'b SessionStarted'],
    ]);
  });

  test('refuses a filter of a single conversation', async () => {
    const { code, stderr } = await tail('--session', 'a', '--since', call.at());
    expect(code).toBe(2);
    expect(stderr).toContain('--since');
  });
});
