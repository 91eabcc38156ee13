import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { callActions } from '../fixtures/kept-calls.ts';
import { until } from '../servers/server-process.ts';
import { startTestServer, type TestServer } from '../servers/test-server.ts';
import { StreamActions } from './stream-actions.ts';

const NUMBER = '+493023125060';

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

describe('the stream of a conversation', () => {
  test('begins with all events so far and continues with new ones', async () => {
    await call.append('a', call.started(), call.joined('ann'), call.said('one'));
    const stream = await call.follow('a');
    expect(stream.response.status).toBe(200);
    expect(Object.fromEntries(stream.response.headers)).toMatchObject({
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
    });
    await stream.untilTold('one');
    await call.append('a', call.said('two'));
    await call.append('b', call.started(), call.said('of another conversation'));
    await call.append('a', call.said('three'));
    await stream.untilTold('three');
    expect(stream.told).toEqual(['SessionStarted', 'ClientJoined', 'one', 'two', 'three']);
    expect(stream.events[2]?.data).toEqual({
      ConversationId: 'a',
      Type: 'MessageAdded',
      EventId: expect.any(String),
      Timestamp: '2026-03-01T12:00:00Z',
      SenderId: 'ann',
      Role: 'User',
      Content: 'one',
    });
    expect(stream.parser.retryMs).toBeGreaterThanOrEqual(2500);
    expect(stream.parser.retryMs).toBeLessThanOrEqual(4500);
  });

  test('ends once the conversation is sealed, and a resume after the end is a 204', async () => {
    await call.append('a', call.started(), call.joined('ann'), call.said('one'));
    const stream = await call.follow('a');
    await call.append('a', call.said('two'), call.ended());
    await call.append('a', call.said('late', 'ann', -60));
    await stream.untilTold('late');
    await call.seal();
    await stream.untilOver();
    const told = ['SessionStarted', 'ClientJoined', 'one', 'two', 'SessionEnded', 'late', 'end'];
    expect(stream.told).toEqual(told);
    const [last] = stream.ids.slice(-1);
    expect((await call.follow('a', last)).response.status).toBe(204);
    for (const [at, id] of stream.ids.slice(0, -1).entries()) {
      const rest = await call.follow('a', id);
      await rest.untilOver();
      expect([id, rest.told]).toEqual([id, told.slice(at + 1)]);
      expect(rest.ids).toEqual(stream.ids.slice(at + 1));
    }
    const again = await call.follow('a');
    await again.untilOver();
    expect(again.ids).toEqual(stream.ids);
    expect(again.told).toEqual(told);
  });

  test('gives a conversation that was written as a whole as the events that would build it', async () => {
    await call.put('a', 'Completed', 'one', 'two');
    const stream = await call.follow('a');
    await stream.untilOver();
    expect(stream.told).toEqual([
      ...['SessionStarted', 'ClientJoined', 'one', 'two', 'SessionEnded', 'end'],
    ]);
    const rest = await call.follow('a', stream.ids[2]);
    await rest.untilOver();
    expect(rest.told).toEqual(['two', 'SessionEnded', 'end']);
  });

  test('begins again after a replacement', async () => {
    await call.append('a', call.started(), call.said('one'));
    const stream = await call.follow('a');
    await stream.untilTold('one');
    await call.put('a', 'Active', 'new');
    await call.append('a', call.said('newer'));
    await stream.untilTold('newer');
    const told = ['ConversationReplaced', 'SessionStarted', 'ClientJoined', 'new', 'newer'];
    expect(stream.told).toEqual(['SessionStarted', 'one', ...told]);
    const rest = await call.follow('a', stream.ids[0]);
    await rest.untilTold('newer');
    expect(rest.told).toEqual(told);
    const fresh = await call.follow('a');
    await fresh.untilTold('newer');
    expect(fresh.told).toEqual(told.slice(1));
  });

  test('ends with the erasure of the conversation', async () => {
    const { businessId } = call;
    await call.append('a', call.started(), call.said('one'));
    const stream = await call.follow('a');
    await stream.untilTold('one');
    await server.admin.deleteConversation({ businessId, sessionId: 'a' });
    await stream.untilOver();
    expect(stream.told).toEqual(['SessionStarted', 'one', 'ConversationErased']);
    for (const id of [null, ...stream.ids]) {
      expect((await call.follow('a', id)).response.status).toBe(410);
    }
    expect((await call.follow('unknown')).response.status).toBe(404);
  });

  test('resumes after the parameter LastEventId, unless the header names another event', async () => {
    await call.append('a', call.started(), call.said('one'), call.said('two'));
    const stream = await call.follow('a');
    await stream.untilTold('two');
    const path = `/conversations/a/stream?LastEventId=${stream.ids[0]}`;
    const byParameter = await call.open(path);
    const byHeader = await call.open(path, stream.ids[1]);
    await byParameter.untilTold('two');
    await byHeader.untilTold('two');
    expect(byParameter.told).toEqual(['one', 'two']);
    expect(byHeader.told).toEqual(['two']);
  });

  test('refuses unknown parameters', async () => {
    await call.append('a', call.started());
    for (const query of [`Since=${call.at()}`, 'lastEventId=1.0', 'SessionStates=Active']) {
      expect((await call.open(`/conversations/a/stream?${query}`)).response.status).toBe(400);
    }
  });

  test('begins again after an erasure has changed its texts', async () => {
    const { businessId } = call;
    await call.append('a', call.started(), call.said(`Call me at ${NUMBER}`));
    const stream = await call.follow('a');
    const all = await call.open('/stream');
    await stream.untilEvents(2);
    await until(async () => all.parser.lastEventId !== null);
    const actions = callActions(() => ({ server, businessId }));
    await actions.erase({ PhoneNumber: NUMBER, IncludeMentions: true });
    await call.append('a', call.said('Thanks'));
    const told = ['ConversationReplaced', 'SessionStarted', 'Call me at [ERASED]', 'Thanks'];
    for (const one of [stream, all]) {
      await one.untilTold('Thanks');
      expect(one.told.slice(-4)).toEqual(told);
    }
    const fresh = await call.follow('a');
    await fresh.untilTold('Thanks');
    expect(fresh.told).toEqual(told.slice(1));
  });

  test.each(['nonsense', '99999.0', '0.5', '1.0~x'])('answers %s with a reset', async (id) => {
    await call.append('a', call.started(), call.said('one'));
    const stream = await call.follow('a', id);
    await stream.untilTold('one');
    expect(stream.told).toEqual(['reset', 'SessionStarted', 'one']);
    const again = await call.follow('a', stream.ids[0]);
    await again.untilTold('one');
    expect(again.told).toEqual(['SessionStarted', 'one']);
  });
});
