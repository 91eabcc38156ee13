import { describe, expect, test } from 'vitest';
import { toText, toWebVtt } from './exports.ts';
import {
  type Conversation,
  findIndexAt,
  findSilences,
  findWordAt,
  mergeLogs,
  toMessageEntries,
} from './player/timeline.ts';
import { computeOffset, keepKnownUrls } from './player/tracks.ts';

const START = '2026-01-15T14:30:00Z';
const at = (seconds: number) => new Date(Date.parse(START) + seconds * 1000).toISOString();

const conversation: Conversation = {
  Id: 'session_1',
  QueueId: null,
  Status: 'Completed',
  StartTime: START,
  EndTime: at(20),
  EndType: 'Normal',
  InitiationType: 'Inbound',
  Metadata: {},
  Clients: [
    {
      ClientId: 'c',
      ClientType: 'Phone',
      JoinedAt: START,
      LeftAt: at(20),
      LeaveReason: null,
      AudioUrl: null,
      Name: 'Ann <Lee>',
    },
  ],
  Agents: [
    {
      AgentId: 'a',
      AgentType: 'AI',
      JoinedAt: at(1),
      LeftAt: at(20),
      LeaveReason: null,
      AudioUrl: null,
    },
  ],
  Messages: [
    {
      SenderId: 'c',
      Role: 'User',
      Content: 'Is 1 < 2 & 3 > 2?',
      Timestamp: at(2),
      EndedAt: at(3.5),
      Words: [
        { Word: 'Is', StartMs: 0, EndMs: 200 },
        { Word: '1', StartMs: 300, EndMs: 500 },
      ],
    },
    { SenderId: 'a', Role: 'Agent', Content: 'Yes.\n\nOf course.', Timestamp: at(4.25) },
    {
      SenderId: 'a',
      Role: 'Tool',
      Content: 'done',
      Timestamp: at(6),
      ToolCall: { CallId: '1', Name: 'look_up', Arguments: {} },
    },
    { SenderId: 'c', Role: 'User', Content: '', Timestamp: at(9), EndedAt: at(9) },
  ],
  Logs: [{ Level: 'Info', Message: 'answered', Timestamp: at(4.25) }],
};

describe('the timeline of a conversation', () => {
  const messages = toMessageEntries(conversation);

  test('a message starts at its timestamp and ends at its EndedAt or last word', () => {
    expect(messages.map(({ at, until }) => [at, until])).toEqual([
      [2000, 3500],
      [4250, 6000],
      [6000, 9000],
      [9000, 9000],
    ]);
  });

  test('the latency of an answer is measured or derived from the messages before it', () => {
    expect(messages.map(({ latency }) => latency)).toEqual([null, 750, null, null]);
  });

  test('the current message and word are found by time', () => {
    expect([0, 2000, 4000, 4250, 60_000].map((time) => findIndexAt(messages, time))).toEqual([
      -1, 0, 0, 1, 3,
    ]);
    const [first] = messages;
    if (!first) throw new Error('no message');
    expect([1999, 2000, 2250, 2300, 2600].map((time) => findWordAt(first, time))).toEqual([
      -1, 0, -1, 1, -1,
    ]);
  });

  test('logs come before messages of the same time', () => {
    const kinds = mergeLogs(messages, conversation, ['Info']).map(
      ({ kind, number }) => `${kind} ${number}`,
    );
    expect(kinds).toEqual(['message 1', 'log 1', 'message 2', 'message 3', 'message 4']);
  });

  test('silences are the ranges without sound on any track and without messages', () => {
    const loud = Array.from({ length: 200 }, (_, index) => (index >= 100 && index < 105 ? 0.5 : 0));
    const track = { offset: 1000, perSecond: 10, peaks: [loud] };
    expect(findSilences([track], messages, 20_000)).toEqual([
      { from: 150, to: 1850 },
      { from: 3650, to: 8850 },
      { from: 9150, to: 10_850 },
      { from: 11_650, to: 19_850 },
    ]);
    expect(findSilences([], messages, 20_000)).toEqual([]);
  });
});

test('recordings are unchanged if only the signatures of their URLs differ', () => {
  const recording = {
    id: 'a',
    label: '',
    url: 'https://store/a.wav?signature=1',
    isAgent: true,
    joinedAt: 0,
    leftAt: null,
    duration: null,
    startsAt: null,
    contentType: 'audio/wav',
  };
  const known = [recording];
  const later = { ...recording, url: 'https://store/a.wav?signature=2' };
  expect(keepKnownUrls(known, [later])).toBe(known);
  const ended = { ...later, leftAt: 5 };
  expect(keepKnownUrls(known, [ended])).toEqual([{ ...recording, leftAt: 5 }]);
  const other = { ...later, url: 'https://store/b.wav?signature=1' };
  expect(keepKnownUrls(known, [other])).toEqual([other]);
  expect(keepKnownUrls(known, [later, { ...other, id: 'b' }])).toHaveLength(2);
  expect(keepKnownUrls(known, [])).toEqual([]);
});

test('a recording starts where it ends nearest to when its participant left', () => {
  const recording = {
    id: 'a',
    label: '',
    url: '',
    isAgent: true,
    joinedAt: 1000,
    leftAt: 20_000,
    duration: null,
    startsAt: null,
    contentType: 'audio/wav',
  };
  expect(computeOffset(recording, 20_010, 20_000)).toBe(0);
  expect(computeOffset(recording, 18_990, 20_000)).toBe(1000);
  expect(computeOffset({ ...recording, leftAt: null }, 5000, 20_000)).toBe(0);
});

test('a recording starts as given by its upload, unless it then exceeds the conversation', () => {
  const recording = {
    ...{ id: 'a', label: '', url: '', isAgent: true, joinedAt: 1000, leftAt: 20_000 },
    ...{ duration: null, contentType: 'audio/wav' },
  };
  const offset = (startsAt: number | null) =>
    computeOffset({ ...recording, startsAt }, 6000, 20_000);
  expect(offset(4000)).toBe(4000);
  expect(offset(-2000)).toBe(-2000);
  expect(offset(20_000)).toBe(offset(null));
  expect(offset(-6000)).toBe(offset(null));
});

describe('an exported transcript', () => {
  test('the text export has one line per message', () => {
    expect(toText(conversation)).toBe(
      [
        'Conversation session_1',
        `Started ${START}, ended ${at(20)}`,
        'Completed, Normal',
        '',
        '[00:00:02] Ann <Lee>: Is 1 < 2 & 3 > 2?',
        '[00:00:04] a: Yes.',
        '    Of course.',
        '[00:00:06] look_up: done',
        '[00:00:09] Ann <Lee>: ',
        '',
      ].join('\n'),
    );
  });

  test('the WebVTT export escapes content that would break cues', () => {
    expect(toWebVtt(conversation)).toBe(
      [
        'WEBVTT',
        '',
        '1',
        '00:00:02.000 --> 00:00:03.500',
        '<v Ann &lt;Lee&gt;>Is 1 &lt; 2 &amp; 3 &gt; 2?</v>',
        '',
        '2',
        '00:00:04.250 --> 00:00:06.000',
        '<v a>Yes.\nOf course.</v>',
        '',
      ].join('\n'),
    );
  });

  test('WebVTT cues are valid after an hour, for overlapping messages and before the start', () => {
    const said = (Content: string, from: number, to: number) =>
      ({ SenderId: 'c', Role: 'User', Content, Timestamp: at(from), EndedAt: at(to) }) as const;
    const Messages: Conversation['Messages'] = [
      said('early', -2, -1),
      said('00:00 --> 00:01\r\n\r\n\u2028NOTE\r \r&lrm;<b>', 3_599.5, 3_605),
      said('مرحبا، كيف حالك؟', 3_600, 3_601),
      {
        SenderId: 'a',
        Role: 'Tool',
        Content: '',
        Timestamp: at(360_000),
        ToolCall: { CallId: '1', Name: 'look_up', Arguments: {}, Result: { Rooms: 3 } },
      },
    ];
    expect(toWebVtt({ ...conversation, Messages }).split('\n\n')).toEqual([
      'WEBVTT',
      '1\n00:00:00.000 --> 00:00:00.001\n<v Ann &lt;Lee&gt;>early</v>',
      '2\n00:59:59.500 --> 01:00:05.000\n<v Ann &lt;Lee&gt;>00:00 --&gt; 00:01\nNOTE\n&amp;lrm;&lt;b&gt;</v>',
      '3\n01:00:00.000 --> 01:00:01.000\n<v Ann &lt;Lee&gt;>مرحبا، كيف حالك؟</v>\n',
    ]);
    expect(
      toText({ ...conversation, Messages })
        .split('\n')
        .slice(4),
    ).toEqual([
      '[00:00:00] Ann <Lee>: early',
      '[00:59:59] Ann <Lee>: 00:00 --> 00:01',
      '    NOTE',
      '    &lrm;<b>',
      '[01:00:00] Ann <Lee>: مرحبا، كيف حالك؟',
      '[100:00:00] look_up: {"Rooms":3}',
      '',
    ]);
  });
});
