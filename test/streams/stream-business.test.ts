import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { until } from '../servers/server-process.ts';
import { startTestServer, type TestServer } from '../servers/test-server.ts';
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

const opened = async (path: string, lastEventId: string | null = null) => {
  const stream = await call.open(path, lastEventId);
  await until(async () => stream.parser.lastEventId !== null);
  return stream;
};

describe('the stream of a business', () => {
  test('begins now and has the events of all conversations', async () => {
    await call.append('a', call.started(), call.said('before'));
    const stream = await opened('/stream');
    await call.append('a', call.said('one'));
    await call.append('b', call.started(), call.said('two'));
    await call.put('c', 'Completed', 'three');
    await stream.untilEvents(7);
    expect(stream.told).toEqual([
      ...['one', 'SessionStarted', 'two', 'SessionStarted', 'ClientJoined', 'three'],
      'SessionEnded',
    ]);
    expect(stream.events.map(({ data }) => data.ConversationId)).toEqual([...'abbcccc']);
  });

  test('resumes after each of its events, also if no event was sent yet', async () => {
    const stream = await opened('/stream');
    const first = stream.parser.lastEventId;
    await call.append('a', call.started(), call.said('one'), call.said('two'));
    await call.put('b', 'Completed', 'three');
    await call.append('a', call.said('four'), call.ended());
    await call.seal();
    await call.append('c', call.started(), call.said('last'));
    await stream.untilTold('last');
    const told = [...stream.told];
    for (const [at, id] of [first, ...stream.ids].entries()) {
      const rest = await call.open('/stream', id);
      await rest.untilEvents(told.length - at);
      expect([id, rest.told]).toEqual([id, told.slice(at)]);
      expect(rest.ids).toEqual(stream.ids.slice(at));
      rest.close();
    }
  });

  test('leaves out replaced events, also if later events have the same numbers', async () => {
    const stream = await opened('/stream');
    const first = stream.parser.lastEventId;
    await call.append('a', call.started());
    await call.append('a', call.said('one'), call.said('two'));
    await stream.untilTold('two');
    await call.put('a', 'Active', 'new');
    await call.append('a', call.said('three'), call.said('four'));
    await stream.untilTold('four');
    const rest = await call.open('/stream', first);
    await rest.untilTold('four');
    expect(rest.told).toEqual([
      ...['ConversationReplaced', 'SessionStarted', 'ClientJoined', 'new', 'three', 'four'],
    ]);
  });

  test('has events that an earlier release stored in a row each', async () => {
    const stream = await opened('/stream');
    const first = stream.parser.lastEventId;
    await call.append('a', call.started(), call.said('one'), call.said('two'));
    await call.append('a', call.said('three'), call.said('four'));
    await stream.untilTold('four');
    await server.sql.query(
      `WITH earlier AS (
         DELETE FROM conversation_events WHERE business_id = $1 AND conversation_id = 'a' RETURNING *
       )
       INSERT INTO conversation_events (business_id, conversation_id, seq, event_ids, payloads)
       SELECT e.business_id, e.conversation_id, e.seq + one.n - 1, one.event_id, one.payload
       FROM earlier e, unnest(string_to_array(e.event_ids, E'\\x01'),
         string_to_array(e.payloads, E'\\x01')) WITH ORDINALITY one(event_id, payload, n)`,
      [call.businessId],
    );
    const rest = await call.open('/stream', first);
    await rest.untilTold('four');
    expect(rest.told).toEqual(stream.told);
    expect(rest.ids).toEqual(stream.ids);
  });

  test('begins with what was received at or after Since', async () => {
    await call.append('a', call.started(), call.said('before'));
    server.clock.advance(10);
    const since = call.at();
    await call.append('a', call.said('one'));
    server.clock.advance(10);
    await call.append('a', call.said('two'));
    const stream = await call.open(`/stream?Since=${since}`);
    await stream.untilTold('two');
    expect(stream.told).toEqual(['one', 'two']);
    await call.append('a', call.said('three'));
    await stream.untilTold('three');
    const rest = await call.open(`/stream?Since=${since}`, stream.ids[1]);
    await rest.untilTold('three');
    expect(rest.told).toEqual(['three']);
  });

  test('has only events of conversations that match the filter', async () => {
    const stream = await opened('/stream?SessionStates=Failed&SessionStates=Completed');
    const web = await opened('/stream?SessionInitiationTypes=Web');
    const all = await opened('/stream');
    await call.append('a', call.started(), call.said('active'));
    // The state counts at the time when the event is sent.
    await all.untilTold('active');
    await call.append('a', call.ended());
    await call.put('b', 'Completed', 'whole');
    await stream.untilTold('whole');
    await web.untilTold('whole');
    await stream.untilEvents(5);
    const whole = ['SessionStarted', 'ClientJoined', 'whole', 'SessionEnded'];
    expect(stream.told).toEqual(['SessionEnded', ...whole]);
    await web.untilEvents(4);
    expect(web.told).toEqual(whole);
  });

  test('takes each filter of GetConversations as a parameter', async () => {
    const started = (from: number, to: number) =>
      `StartStartedDate=${call.at(from)}&EndStartedDate=${call.at(to)}`;
    const now = started(0, 0);
    const queries = [
      ...[now, 'SessionEndTypes=Normal', 'SessionStates=Completed', 'DurationsFromSeconds=60'],
      ...[
        started(-60, -1),
        started(1, 60),
        'SessionEndTypes=AgentEndedCall',
        'SessionStates=Failed',
      ],
    ];
    const streams = await Promise.all(queries.map((query) => opened(`/stream?${query}`)));
    await call.put('a', 'Completed', 'one');
    for (const stream of streams.slice(0, 4)) await stream.untilTold('SessionEnded');
    await call.append('last', call.started());
    await streams[0]?.untilEvents(5);
    for (const stream of streams.slice(4)) expect(stream.told).toEqual([]);
  });

  test.each([
    'SessionState=Active',
    'Since=yesterday',
    'DurationsFromSeconds=7',
    'SessionStates=x',
  ])('refuses the parameter %s', async (query) => {
    expect((await call.open(`/stream?${query}`)).response.status).toBe(400);
  });

  test('takes durations as repeated parameters', async () => {
    const stream = await opened('/stream?DurationsFromSeconds=60&DurationsFromSeconds=120');
    await call.put('a', 'Completed', 'a minute');
    await stream.untilTold('a minute');
  });

  test('names purges, erasures and recordings', async () => {
    const { businessId } = call;
    const stream = await opened('/stream');
    await call.put('a', 'Completed', 'one');
    await server.admin.putRecording({
      ...{ businessId, sessionId: 'a', participantId: 'ann', contentType: 'audio/ogg' },
      audio: new Blob(['OggS not really audio']),
    });
    // A deletion removes changes that have no position yet.
    await stream.untilTold('RecordingReady');
    await server.admin.deleteConversation({ businessId, sessionId: 'a' });
    await stream.untilTold('ConversationErased');
    expect(stream.told.slice(4)).toEqual(['RecordingReady', 'ConversationErased']);
    expect(stream.events[4]?.data).toMatchObject({ ParticipantId: 'ann', Kind: 'Participant' });
    const rest = await call.open('/stream', stream.ids[0]);
    await rest.untilTold('ConversationErased');
    expect(rest.told).toEqual(['ConversationErased']);
  });

  test('says what a retention rule has deleted', async () => {
    const { businessId } = call;
    await call.put('a', 'Completed', 'one');
    const stream = await opened('/stream');
    const days = { RecordingDays: null, TranscriptDays: 1, LogDays: null, RecordDays: null };
    const Rules = [{ Name: 'all', Match: {}, ...days }];
    await server.admin.putRetention({ businessId, Rules });
    server.clock.advance(2 * 86_400);
    await server.runJob('add-purges');
    await server.runJob('purge-expired', { businessId });
    await stream.untilTold('ConversationPurged');
    expect(stream.events[0]?.data).toEqual({
      ...{ ConversationId: 'a', Type: 'ConversationPurged', Parts: ['Transcript'] },
      Timestamp: expect.any(String),
    });
    const one = await call.follow('a');
    await one.untilOver();
    expect(one.told).not.toContain('one');
    expect(one.told.at(-1)).toBe('end');
    await server.admin.putRetention({
      businessId,
      Rules: [{ ...Rules[0], ...days, RecordDays: 1 }],
    } as never);
    await server.runJob('purge-expired', { businessId });
    await stream.untilEvents(2);
    expect(stream.events[1]?.data).toMatchObject({
      ConversationId: 'a',
      Type: 'ConversationErased',
    });
    await call.append('b', call.started());
    const rest = await call.open('/stream', stream.ids[1]);
    await rest.untilTold('SessionStarted');
    expect(rest.told).toEqual(['SessionStarted']);
  });

  test('answers an id that is older than the log with a reset and what the log has', async () => {
    const stream = await opened('/stream');
    await call.append('a', call.started(), call.said('old'));
    await stream.untilTold('old');
    server.clock.advance(604_801);
    await call.append('a', call.said('new'));
    await stream.untilTold('new');
    await server.runJob('remove-old-changes');
    for (const id of [stream.ids[0], 'nonsense', '99999.0']) {
      const rest = await call.open('/stream', id);
      await rest.untilTold('new');
      expect(rest.told).toEqual(['reset', 'new']);
      rest.close();
    }
  });
});
