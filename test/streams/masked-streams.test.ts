import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { until } from '../servers/server-process.ts';
import { MASKED_READER, startTestServer, type TestServer } from '../servers/test-server.ts';
import { StreamActions } from './stream-actions.ts';

let server: TestServer;
let call: StreamActions;
let key: string;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server[Symbol.asyncDispose]());
beforeEach(async () => {
  call = new StreamActions(server, await server.newBusiness());
  const { businessId } = call;
  await server.admin.putRedaction({ businessId, Categories: ['CARD', 'IBAN', 'EMAIL', 'PHONE'] });
  key = await server.newKey(businessId, MASKED_READER);
});
afterEach(() => call.closeAll());

const follow = (sessionId: string, lastEventId: string | null = null) =>
  call.follow(sessionId, lastEventId, { key });

const readMasked = (sessionId: string) =>
  server.client(key).getConversation({ businessId: call.businessId, sessionId });

const contentsOf = ({ told }: { readonly told: string[] }) =>
  told.filter((what) => !/^(Session|Client|end)/.test(what));

describe('a masked stream', () => {
  test('shows tokens for participants and masks texts', async () => {
    await call.append('a', call.started(), call.joined('+4915112345678'));
    await call.append('a', call.said('write to ann@example.com please', '+4915112345678'));
    const stream = await follow('a');
    await stream.untilEvents(3);
    await call.append('a', call.said('or to bob@example.com then', '+4915112345678'));
    await stream.untilEvents(4);
    const { Clients, Messages } = await readMasked('a');
    expect(stream.events[1]?.data.ClientId).toBe(Clients[0]?.ClientId);
    expect(contentsOf(stream)).toEqual(Messages.map(({ Content }) => Content));
    expect(stream.text).not.toMatch(/4915112345678|ann@|bob@/);
  });

  test('holds a message back that ends in digits until the same sender continues', async () => {
    await call.append('a', call.started());
    const stream = await follow('a');
    await call.append('a', call.said('My card number is 4111 1111'));
    await call.append('a', call.said('Mm-hm.', 'bot'));
    await stream.untilTold('Mm-hm.');
    expect(contentsOf(stream)).toEqual(['Mm-hm.']);
    const afterOther = stream.ids.at(-1) ?? null;
    const resumed = await follow('a', afterOther);
    await call.append('a', call.said('1111 1111, expiry 12 27'));
    await stream.untilTold('My card number is [CARD]');
    await resumed.untilTold('My card number is [CARD]');
    expect(contentsOf(stream)).toEqual(['Mm-hm.', 'My card number is [CARD]']);
    expect(contentsOf(resumed)).toEqual(['My card number is [CARD]']);
    const afterFirst = stream.ids.at(-1) ?? null;
    server.clock.advance(60);
    await stream.untilTold('[CARD], expiry 12 27');
    const late = await follow('a', afterFirst);
    await late.untilTold('[CARD], expiry 12 27');
    expect(contentsOf(late)).toEqual(['[CARD], expiry 12 27']);
    expect(new Set(stream.ids).size).toBe(stream.ids.length);
    const { Messages } = await readMasked('a');
    expect(contentsOf(stream).sort()).toEqual(Messages.map(({ Content }) => Content).sort());
  });

  test('holds the parts of a number that continues', async () => {
    await call.append('a', call.started());
    const stream = await follow('a');
    for (const part of ['4111', '1111', '1111', '1111']) await call.append('a', call.said(part));
    await call.append('a', call.said('That is all.'));
    await stream.untilTold('That is all.');
    expect(contentsOf(stream)).toEqual([...Array(4).fill('[CARD]'), 'That is all.']);
  });

  test('sends a held message after 60 seconds', async () => {
    await call.append('a', call.started());
    const stream = await follow('a');
    await call.append('a', call.said('I am forty two'));
    await call.append('a', call.said('Really?', 'bot'));
    await stream.untilTold('Really?');
    expect(contentsOf(stream)).toEqual(['Really?']);
    server.clock.advance(59);
    const other = await follow('a');
    await other.untilTold('Really?');
    server.clock.advance(1);
    await stream.untilTold('I am forty two');
    await other.untilTold('I am forty two');
    expect(contentsOf(other)).toEqual(['Really?', 'I am forty two']);
  });

  test('sends held messages before the end', async () => {
    await call.append('a', call.started());
    const stream = await follow('a');
    await call.append('a', call.said('It is 12'), call.ended());
    await stream.untilTold('SessionEnded');
    expect(stream.told).toEqual(['SessionStarted', 'SessionEnded']);
    await call.seal();
    await stream.untilOver();
    expect(stream.told).toEqual(['SessionStarted', 'SessionEnded', 'It is 12', 'end']);
  });

  test('names the participant of a recording as reads do', async () => {
    const { businessId } = call;
    const caller = '+4915112345678';
    await call.append('a', call.started(), call.joined(caller));
    const live = await follow('a');
    const all = await call.open('/stream', null, { key });
    await until(async () => all.parser.lastEventId !== null);
    for (const participantId of [caller, '_mixed']) {
      await server.admin.putRecording({
        ...{ businessId, sessionId: 'a', participantId, contentType: 'audio/ogg' },
        audio: new Blob(['OggS not really audio']),
      });
    }
    await live.untilEvents(4);
    await all.untilEvents(2);
    const later = await follow('a');
    await later.untilEvents(4);
    const { Clients } = await readMasked('a');
    for (const { events, text } of [live, all, later]) {
      expect(events.slice(-2).map(({ data }) => [data.ParticipantId, data.Kind])).toEqual([
        [Clients[0]?.ClientId, 'Participant'],
        [null, 'Mixed'],
      ]);
      expect(text).not.toContain('4915112345678');
    }
  });

  test('of a business holds messages back and resumes with them', async () => {
    const stream = await call.open('/stream', null, { key });
    await until(async () => stream.parser.lastEventId !== null);
    await call.append('a', call.started(), call.said('It is 4111 1111'));
    await call.append('b', call.started(), call.said('Another call'));
    await stream.untilTold('Another call');
    expect(contentsOf(stream)).toEqual(['Another call']);
    const resumed = await call.open('/stream', stream.parser.lastEventId, { key });
    await call.append('a', call.said('1111 1111 I think'));
    for (const one of [stream, resumed]) {
      await one.untilTold('[CARD] I think');
      expect(contentsOf(one).slice(-2)).toEqual(['It is [CARD]', '[CARD] I think']);
    }
  });

  test('masks a conversation that was written as a whole like a read', async () => {
    const { businessId } = call;
    const messages = ['My card number is 4111 1111', 'Mm-hm.', '1111 1111, expiry 12 27'];
    const whole = call.whole('Completed', ...messages);
    const body = {
      ...whole,
      Messages: whole.Messages.map((message, at) =>
        at === 1 ? { ...message, SenderId: 'bot', Role: 'Agent' as const } : message,
      ),
    };
    const business = await call.open('/stream', null, { key });
    await until(async () => business.parser.lastEventId !== null);
    await server.admin.putConversation({ businessId, sessionId: 'a', ...body } as never);
    const stream = await follow('a');
    await stream.untilOver();
    await business.untilTold('SessionEnded');
    const { Messages } = await readMasked('a');
    for (const one of [stream, business]) {
      const told = one.events.filter(({ event }) => event === 'MessageAdded');
      expect(told.map(({ data }) => data.Content)).toEqual(Messages.map(({ Content }) => Content));
      expect(told.map(({ data }) => data.SenderId)).toEqual(
        Messages.map(({ SenderId }) => SenderId),
      );
    }
  });
});
