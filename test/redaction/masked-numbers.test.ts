import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { findAllSpans } from '../../packages/server/src/conversations/masking/find-spans.ts';
import { findMutedRanges } from '../../packages/server/src/conversations/masking/muted-ranges.ts';
import type { Message } from '../../packages/server/src/conversations/model/conversation.ts';
import { MASKED_READER, startTestServer, type TestServer } from '../servers/test-server.ts';

let server: TestServer;
let businessId: number;
let masked: TestServer['admin'];
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server[Symbol.asyncDispose]());
beforeEach(async () => {
  businessId = await server.newBusiness();
  masked = await server.newClient(businessId, MASKED_READER);
  await server.admin.putRedaction({ businessId, Categories: ['CARD', 'IBAN', 'EMAIL', 'PHONE'] });
});

const START = Date.parse('2026-02-27T12:00:00Z');
const at = (seconds: number) => new Date(START + seconds * 1000).toISOString();
type Said = readonly [sender: 'ann' | 'bot', seconds: number, text: string];

const messagesOf = (said: readonly Said[]) =>
  said.map(([SenderId, seconds, Content]) => ({
    ...{ SenderId, Role: SenderId === 'ann' ? 'User' : 'Agent', Content, Timestamp: at(seconds) },
  }));
const participants = {
  Clients: [{ ClientId: 'ann', ClientType: 'Phone', JoinedAt: at(0) }],
  Agents: [{ AgentId: 'bot', AgentType: 'AI', JoinedAt: at(0) }],
};

async function put(sessionId: string, more: object, isLive = false): Promise<void> {
  const end = isLive ? {} : { EndTime: at(600), EndType: 'Normal' };
  await server.admin.putConversation({
    ...{ businessId, sessionId, Status: isLive ? 'Active' : 'Completed', ...end },
    ...{ StartTime: at(0), InitiationType: 'Inbound', ...participants, ...more },
  } as never);
}
const see = (sessionId: string) => masked.getConversation({ businessId, sessionId });
async function contents(said: readonly Said[], isLive = false): Promise<string[]> {
  await put('c', { Messages: messagesOf(said) }, isLive);
  return (await see('c')).Messages.map(({ Content }) => Content);
}

test.each([
  ['It is 4111, 1111, 1111, 1111.', 'It is [CARD].'],
  ['4, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1', '[CARD]'],
  ['4111,1111,1111,1111', '[CARD]'],
  ['4111 - 1111 - 1111 - 1111', '[CARD]'],
  ['4111... 1111... 1111... 1111', '[CARD]'],
  ['4111/1111/1111/1111', '[CARD]'],
  ['4111\u200b1111\u200b1111\u200b1111', '[CARD]'],
  ['４１１１　１１１１　１１１１　１１１１', '[CARD]'],
  ['٤١١١ ١١١١ ١١١١ ١١١١', '[CARD]'],
  ['4111 1111, uh, 1111 1111', '[CARD]'],
  ['DE89, 3704, 0044, 0532, 0130, 00', '[IBAN]'],
  ['D E 8 9 3 7 0 4 0 0 4 4 0 5 3 2 0 1 3 0 0 0', '[IBAN]'],
  ['DE89\u200b3704\u200b0044\u200b0532\u200b0130\u200b00', '[IBAN]'],
  ['four one one one, one one one one, one one one one, one one one one', '[CARD]'],
  ['plus four nine three oh, two three one two five, double oh one', '[PHONE]'],
  ["it's ada dot example at example dot com", "it's [EMAIL]"],
  ['ada.example at example.com', '[EMAIL]'],
  ['+1 055 123 4567 is possible', '[PHONE] is possible'],
  ['1,234,567 on 2026-03-02 at 10:30, 11:45', '1,234,567 on 2026-03-02 at 10:30, 11:45'],
])('a masked reader sees %j as %j', async (text, expected) => {
  expect(await contents([['ann', 10, text]])).toEqual([expected]);
});

describe('card numbers that are split over messages', () => {
  const SPLIT: [string, Said[], string[]][] = [
    [
      'with an acknowledgement between is masked',
      [
        ['ann', 10, 'My card number is 4111 1111'],
        ['bot', 12, 'Mm-hm.'],
        ['ann', 13, '1111 1111, expiry 12 27'],
      ],
      ['My card number is [CARD]', 'Mm-hm.', '[CARD], expiry 12 27'],
    ],
    [
      'in groups of four is masked',
      [
        ['ann', 10, '4111'],
        ['ann', 12, '1111'],
        ['ann', 14, '1111'],
        ['ann', 16, '1111'],
      ],
      ['[CARD]', '[CARD]', '[CARD]', '[CARD]'],
    ],
    [
      'in words is masked',
      [
        ['ann', 10, 'it starts with four one one one'],
        ['bot', 12, 'Okay, go ahead.'],
        ['ann', 14, 'and then double one double one'],
        ['ann', 16, 'one one one one'],
        ['bot', 18, 'yes'],
        ['ann', 19, 'and the last ones are quadruple one'],
      ],
      [
        'it starts with [CARD]',
        'Okay, go ahead.',
        'and then [CARD]',
        '[CARD]',
        'yes',
        'and the last ones are [CARD]',
      ],
    ],
    [
      'more than a minute apart is not found',
      [
        ['ann', 10, '4111 1111'],
        ['ann', 71, '1111 1111'],
      ],
      ['4111 1111', '1111 1111'],
    ],
    [
      'between two senders is not found',
      [
        ['ann', 10, '4111 1111'],
        ['bot', 11, '1111 1111'],
      ],
      ['4111 1111', '1111 1111'],
    ],
  ];
  test.each(SPLIT)(
    'a card number split over messages %s, sealed and live',
    async (_, said, expected) => {
      expect(await contents(said)).toEqual(expected);
      await put('live', { Messages: messagesOf(said) }, true);
      expect((await see('live')).Messages.map(({ Content }) => Content)).toEqual(expected);
    },
  );

  test('a card number split over events is masked', async () => {
    await put('events', {}, true);
    const events = messagesOf(SPLIT[0]?.[1] ?? []).map(({ Timestamp, ...message }, index) => ({
      ...{ EventId: `e${index}`, Type: 'MessageAdded', Timestamp, ...message },
    }));
    for (const event of events) {
      const body = { businessId, sessionId: 'events', Events: [event] };
      await server.admin.appendConversationEvents(body as never);
    }
    expect((await see('events')).Messages.map(({ Content }) => Content)).toEqual(SPLIT[0]?.[2]);
  });

  test('a card number split over messages of a document so large that a thread masks it is masked', async () => {
    const filler = Array.from(
      { length: 700 },
      (_, index): Said => ['bot', 100 + index, `${'ä 😀 word '.repeat(120)}`],
    );
    const [, said = [], expected] = SPLIT[1] ?? [];
    const seen = await contents([...said, ...filler]);
    expect(seen.slice(0, said.length)).toEqual(expected);
    const live = await contents([...said, ...filler], true);
    expect(live.slice(0, said.length)).toEqual(expected);
  });
});

test('a recording is silent during a card number that is split over messages and spoken in words', () => {
  const spoken = (senderId: string, seconds: number, content: string): Message => ({
    ...{ senderId, role: 'User', content, at: START + seconds * 1000 },
    words: content.split(' ').map((word, index) => ({
      ...{ word, startMs: index * 500, endMs: index * 500 + 400 },
    })),
  });
  const messages = [
    spoken('ann', 10, 'it is four one one one double one double one'),
    spoken('bot', 16, 'mhm'),
    spoken('ann', 20, '1111 1111 thanks'),
  ];
  const header = { id: 'x', queueId: null, status: 'Completed', startTime: START } as const;
  const more = { endTime: START, endType: 'Normal', initiationType: 'Inbound' } as const;
  const rest = { clients: [], agents: [], metadata: {}, logs: [] };
  const conversation = { ...header, ...more, ...rest, messages };
  const spans = { found: findAllSpans(conversation, null), added: [] };
  const recording = { participantId: 'ann', startTime: START, durationMs: 60_000 };
  const silent = findMutedRanges(conversation, spans, new Set(['CARD']), recording);
  // With 150 ms before and after.
  expect(silent).toEqual([
    [10.85, 15.05],
    [19.85, 21.05],
  ]);
});

test('an IBAN split over messages is masked', async () => {
  const said: Said[] = [
    ['ann', 10, 'it is DE89 3704'],
    ['bot', 12, 'Yes?'],
    ['ann', 13, '0044 0532'],
    ['ann', 15, '0130 00'],
  ];
  expect(await contents(said)).toEqual(['it is [IBAN]', 'Yes?', '[IBAN]', '[IBAN]']);
});

test('digit groups in arrays of a tool call are masked, and other arrays are not', async () => {
  const Arguments = {
    digits: ['4111', '1111', '1111', '1111'],
    list: [4111, 1111, 1111, 1111],
    nested: { deep: [['4111 1111', '1111 1111']] },
    grid: [[4, 1, 1, 1], [1, 1, 1, 1], null, [1, 1, 1, 1], ['1111', true]],
    keys: '4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1',
    pressed: [...'4111111111111111'].map((key) => ({ key: Number(key) })),
    prices: [4111, 1111, 12],
    figures: [0.4111, 0.1111, 0.1111, 0.1111],
  };
  const ToolCall = { CallId: '1', Name: 'pay', Arguments, Result: [4111, 1111, 1111, 1111] };
  const [message] = messagesOf([['bot', 10, '']]);
  await put('tool', {
    Messages: [{ ...message, Role: 'Tool', ToolCall }],
    Metadata: { Arguments },
  });
  const card = ['[CARD]', '[CARD]', '[CARD]', '[CARD]'];
  const seen = await see('tool');
  expect(seen.Messages[0]?.ToolCall).toMatchObject({
    Arguments: {
      ...{ digits: card, list: card, nested: { deep: [['[CARD]', '[CARD]']] }, keys: '[CARD]' },
      pressed: Array.from({ length: 16 }, () => ({ key: '[CARD]' })),
      ...{ prices: Arguments.prices, figures: Arguments.figures },
      grid: [card, card, null, card, ['[CARD]', true]],
    },
    Result: card,
  });
  expect(seen.Metadata).toMatchObject({ Arguments: { digits: card, list: card } });
  const page = await masked.getConversations({ businessId });
  expect(page.Items[0]?.Metadata).toEqual(seen.Metadata);
});

test('digits in arrays of objects of tool calls and metadata are masked, and amounts are not', async () => {
  const groups = ['5105', '1051', '0510', '5100'];
  const given = {
    o: [...'5105105105105100'].map((digit) => ({ digit, at: 'now' })),
    b: groups.map((d) => ({ d })),
    nested: groups.map((d) => ({ part: { d }, keys: [1, 2] })),
    lists: [groups.slice(0, 2), groups.slice(2)].map((digits) => ({ digits })),
    iban: ['DE89', '3704', '0044', '0532', '0130', '00'].map((part) => ({ part })),
    deep: [{ list: groups.map((d) => ({ d })) }, {}],
    prices: [5105, 1051, 510, 5100, 12].map((price) => ({ price })),
    people: [{ name: 'Ann', age: 51 }, { name: 'Bob', age: 5 }, null],
  };
  const d = '[CARD]';
  const expected = {
    o: given.o.map(() => ({ digit: d, at: 'now' })),
    b: groups.map(() => ({ d })),
    nested: groups.map(() => ({ part: { d }, keys: [1, 2] })),
    lists: [{ digits: [d, d] }, { digits: [d, d] }],
    iban: given.iban.map(() => ({ part: '[IBAN]' })),
    deep: [{ list: groups.map(() => ({ d })) }, {}],
    ...{ prices: given.prices, people: given.people },
  };
  const ToolCall = { CallId: '1', Name: 'pay', Arguments: given };
  const [message] = messagesOf([['bot', 10, '']]);
  for (const sessionId of ['sealed', 'live']) {
    const Messages = [{ ...message, Role: 'Tool', ToolCall }];
    await put(sessionId, { Messages, Metadata: given }, sessionId === 'live');
    const seen = await see(sessionId);
    expect(seen.Messages[0]?.ToolCall?.Arguments).toEqual(expected);
    expect(seen.Metadata).toEqual(expected);
    const { Items } = await masked.getConversations({ businessId });
    expect(Items.find(({ Id }) => Id === sessionId)?.Metadata).toEqual(expected);
  }
});

describe('numbers in log lines', () => {
  const logsOf = (keys: string, seconds: number, line: (key: string) => object) =>
    [...keys].map((key, index) => ({
      Level: 'Debug',
      Timestamp: at(index * seconds),
      ...line(key),
    }));

  test('a card number logged key by key is masked even with other lines in between', async () => {
    const logs = logsOf('4111111111111111', 1, (key) => ({
      ...{ Message: `12:00:07 DTMF received: ${key}`, Details: { digit: key, code: Number(key) } },
    }));
    const Logs = logs.flatMap((log) => [
      log,
      { Level: 'Info', Message: 'heartbeat', Timestamp: log.Timestamp },
    ]);
    await put('dtmf', { Logs });
    const seen = (await see('dtmf')).Logs.filter(({ Message }) => Message !== 'heartbeat');
    expect(seen).toHaveLength(16);
    for (const { Message, Details } of seen) {
      expect(Message).toBe('12:00:07 DTMF received: [CARD]');
      expect(Details).toEqual({ digit: '[CARD]', code: '[CARD]' });
    }
  });

  const group = (...digits: string[]) => digits;
  const CARD = '5105105105105100';
  const retry = [...CARD].map((key, index) => `Keypress: ${key}${index === 5 ? ' (retry)' : ''}`);
  const typed = [...CARD].map((_, index) => `DTMF buffer: ${CARD.slice(0, index + 1)}`);
  test.each([
    ['in two groups each', group('collected 5105 1051', 'collected 0510 5100')],
    ['in two groups with a hyphen', group('collected 5105-1051', 'collected 0510-5100')],
    ['behind "received"', group('Received 51051051', 'Received 05105100')],
    ['behind "IVR"', group('IVR: 5105', 'IVR: 1051', 'IVR: 0510', 'IVR: 5100')],
    [
      'in long lines',
      group(`${'x '.repeat(300)}digits=51051051`, `${'x '.repeat(300)}digits=05105100`),
    ],
    ['with a word behind one key', retry],
    ['as what was typed so far', typed],
  ])('a card number in log lines %s is masked', async (_, lines) => {
    const Logs = lines.map((Message, index) => ({
      ...{ Level: 'Debug', Timestamp: at(index), Message },
    }));
    await put('groups', { Logs });
    for (const { Message } of (await see('groups')).Logs)
      expect(Message).toMatch(/^[^\d[]*\[CARD\]( \(retry\))?$/);
  });

  test('a card number in arrays of log details is masked', async () => {
    const groups = ['5105', '1051', '0510', '5100'];
    const Logs = groups.map((digits, index) => ({
      ...{ Level: 'Debug', Timestamp: at(index), Message: 'input' },
      Details: { digits: [...digits] },
    }));
    await put('arrays', { Logs });
    for (const { Details } of (await see('arrays')).Logs)
      expect(Details).toEqual({ digits: ['[CARD]', '[CARD]', '[CARD]', '[CARD]'] });
  });

  test('log lines with other numbers are not masked', async () => {
    const lines = [
      ...['Received 51051051 bytes', 'Received 05105100 bytes'],
      ...['input tokens: 51051051', 'input tokens: 05105100'],
      ...['order 51051051', 'order 05105100'],
      ...['DTMF buffer: 5', 'DTMF buffer: 51', 'DTMF buffer: 510'],
    ];
    await put('others', {
      Logs: lines.map((Message, index) => ({
        ...{ Level: 'Debug', Timestamp: at(index), Message },
      })),
    });
    expect((await see('others')).Logs.map(({ Message }) => Message)).toEqual(lines);
  });

  test('a card number is masked in log lines that each contain a generated id', async () => {
    const Logs = logsOf('4111111111111111', 1, (key) => ({
      Message: `3f2504e0-4f89-11d3-9a0c-0305e82c330${key} key=${key}`,
    }));
    await put('ids', { Logs });
    for (const { Message } of (await see('ids')).Logs) {
      expect(Message).toMatch(/^3f2504e0-4f89-11d3-9a0c-0305e82c330\d key=\[CARD\]$/);
    }
  });

  test('digits of log lines are not masked if they are minutes apart or not a card number', async () => {
    const apart = logsOf('4111111111111111', 61, (key) => ({ Message: `key ${key}` }));
    const wrong = logsOf('4111111111111112', 1, (key) => ({ Message: `digit ${key}` }));
    await put('stay', { Logs: [...apart, ...wrong] });
    const seen = (await see('stay')).Logs.map(({ Message }) => Message);
    expect(seen.filter((message) => message.includes('[CARD]'))).toEqual([]);
  });
});

describe('DefaultCountry', () => {
  const Categories = ['PHONE'] as const;
  const setCountry = (DefaultCountry?: string | null) =>
    server.admin.putRedaction({
      ...{ businessId, Categories: [...Categories] },
      ...(DefaultCountry !== undefined && { DefaultCountry }),
    });

  test.each([
    ['DE', 'ruf 030 231 25 001 an', 'ruf [PHONE] an'],
    ['DE', '(0151) 12345678', '[PHONE]'],
    ['GB', "it's 07700 900123, or oh double seven double oh, nine double oh, one two three", null],
    ['IT', 'chiama 06 1234 5678 ora', 'chiama [PHONE] ora'],
    ['US', '(415) 555-0133 or 415-555-0134', '[PHONE] or [PHONE]'],
    ['US', 'four one five, five five five, oh one double three', '[PHONE]'],
    ['US', 'order 4155550133 of 04/15/2026, 94105-1234', null],
  ] as const)(
    'DefaultCountry %s masks only its national numbers in %j',
    async (country, text, expected) => {
      const other = country === 'US' ? 'DE' : 'US';
      await setCountry(country);
      expect(await server.admin.getRedaction({ businessId })).toEqual({
        ...{ Categories, DefaultCountry: country },
      });
      const masks = expected ?? (country === 'GB' ? "it's [PHONE], or [PHONE]" : text);
      expect(await contents([['ann', 10, text]])).toEqual([masks]);
      await setCountry(other);
      expect((await see('c')).Messages[0]?.Content).toBe(text);
      await setCountry();
      expect((await server.admin.getRedaction({ businessId })).DefaultCountry).toBeNull();
      expect((await see('c')).Messages[0]?.Content).toBe(text);
    },
  );

  test('DefaultCountry masks national numbers in live conversations, logs and metadata', async () => {
    await setCountry('US');
    const [message] = messagesOf([['ann', 10, 'call 415-555-0133']]);
    const log = { Level: 'Info', Message: 'to 415-555-0133', Timestamp: at(1) };
    const Metadata = { callback: ['415', '555', '0133'], other: '(415) 555-0133' };
    await put('live', { Messages: [message], Logs: [log], Metadata }, true);
    expect(await see('live')).toMatchObject({
      Messages: [{ Content: 'call [PHONE]' }],
      Logs: [{ Message: 'to [PHONE]' }],
      Metadata: { other: '[PHONE]' },
    });
  });

  test('DefaultCountry must be an ISO 3166 country', async () => {
    await expect(setCountry('XX')).rejects.toMatchObject({ reason: 'INVALID_REQUEST' });
    await expect(setCountry('Germany')).rejects.toMatchObject({ reason: 'INVALID_REQUEST' });
    await setCountry(null);
  });
});
