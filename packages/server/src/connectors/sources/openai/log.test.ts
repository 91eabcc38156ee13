import { describe, expect, it } from 'vitest';
import { Warnings } from '../fields.ts';
import { readLog, sessionIdOf } from './log.ts';

type Line = Readonly<Record<string, unknown>> | string;

const delivery = (
  lines: readonly Line[],
  headers: Record<string, string> = {},
  receivedAt = 9e12,
) => ({
  headers,
  body: Buffer.from(
    lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n'),
  ),
  receivedAt,
});
const created = { type: 'session.created', event_id: 'e1', session: { id: 'sess_1' } };
const event = (id: string, received_at?: number) => ({ type: 'error', event_id: id, received_at });
const at = (second: number) => 1764000000 + second;
const idsOf = (...parts: ReturnType<typeof delivery>[]) =>
  readLog(parts, new Warnings())
    .map(({ fields }) => fields.event_id)
    .join(' ');

describe('the call of a part of a log', () => {
  it.each([
    ['the header', [created], { 'x-session-id': 'call-7' }, 'call-7'],
    [
      'the first session.created',
      [event('e0'), created, { ...created, session: {} }],
      {},
      'sess_1',
    ],
    ['session.updated', [{ ...created, type: 'session.updated' }], {}, 'sess_1'],
    ['an earlier name', [{ ...created, type: 'transcription_session.created' }], {}, 'sess_1'],
    ['a key of the line', [{ ...event('e0'), session_id: 'call-7' }, created], {}, 'call-7'],
    [
      'a key of the line with the session',
      [{ session_id: 'call-7', event: created }],
      {},
      'call-7',
    ],
    ['a line after others that are not JSON', ['{"type', '\uFEFF', created], {}, 'sess_1'],
  ])('is that of %s', (_, lines, headers, id) => {
    expect(sessionIdOf(delivery(lines, headers))).toBe(id);
  });

  it('is null without a session', () => {
    expect(sessionIdOf(delivery([event('e0'), 'session', '{"session": 1}']))).toBeNull();
  });
});

describe('the events of a log', () => {
  it('come in the order of their times, each once', () => {
    const first = delivery([event('a', at(1)), event('b', at(2))]);
    const second = delivery([event('b', at(2)), event('c', at(3))]);
    expect(idsOf(second, first, second)).toBe('a b c');
  });

  it('without a time stay where they are in their part', () => {
    const first = delivery([event('a'), event('b', at(1)), event('c')]);
    const second = delivery([event('d', at(2)), event('e')]);
    expect(idsOf(second, first)).toBe('a b c d e');
  });

  it('without any time come in the order of the requests', () => {
    const first = delivery([event('a'), event('b')], {}, 1);
    const second = delivery([event('b'), event('c')], {}, 2);
    expect(idsOf(second, first)).toBe('a b c');
  });

  it('of the same millisecond come in the order of the parts', () => {
    const first = delivery([event('a', at(1)), event('b', at(2))]);
    const second = delivery([event('c', at(2)), event('d', at(3))]);
    expect(idsOf(second, first)).toBe('a b c d');
  });

  it('without an id count as the same if their line is the same', () => {
    const key = { type: 'input_audio_buffer.dtmf_event_received', event: '5' };
    const lines = [
      { ...key, received_at: at(1) },
      { ...key, received_at: at(2) },
    ];
    expect(readLog([delivery(lines), delivery(lines)], new Warnings())).toHaveLength(2);
  });

  it('may be in a JSON array, with other line ends and a byte order mark', () => {
    const text = `\uFEFF${JSON.stringify([event('a'), event('b')])}\r\n\r\n${JSON.stringify(event('c'))}\r\n`;
    expect(idsOf(delivery([text]))).toBe('a b c');
  });

  it('of other sessions and lines that are not events become warnings', () => {
    const warnings = new Warnings();
    const lines = [
      { ...created, session_id: 's1' },
      { ...event('b'), session_id: 's2' },
      'null',
      '7',
    ];
    expect(readLog([delivery(lines)], warnings)).toMatchObject([{ type: 'session.created' }]);
    expect(warnings.texts).toEqual([
      'A line of the log is not a JSON object with a type.',
      'A part of the log has lines of several sessions; only the first one was read.',
    ]);
  });
});
