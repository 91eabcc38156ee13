import { describe, expect, it } from 'vitest';
import { translateOpenai } from './translate.ts';

const START = Date.parse('2025-11-24T16:00:00Z');

type Step = readonly [ms: number | null, type: string, fields?: Readonly<Record<string, unknown>>];

/** Of events at milliseconds since the start; null for no time. */
function translate(...steps: readonly Step[]) {
  const lines = steps.map(([ms, type, fields], at) =>
    JSON.stringify({
      ...(ms !== null && { received_at: new Date(START + ms).toISOString() }),
      ...{ type, event_id: `e${at}` },
      ...fields,
    }),
  );
  const body = Buffer.from(lines.join('\n'));
  return translateOpenai([{ headers: { 'x-session-id': 's' }, body, receivedAt: START + 1e6 }]);
}

const shown = (report: ReturnType<typeof translate>) =>
  report.messages.map(({ role, content, at }) => [
    role,
    content,
    typeof at === 'number' ? at - START : at,
  ]);

const INPUT = 'conversation.item.input_audio_transcription';
const session: Step = [0, 'session.created', { session: { id: 's', type: 'realtime' } }];
const closed: Step = [9000, 'session.closed'];
const speech = (ms: number | null, item_id: string, position = ms): Step => [
  ms,
  'input_audio_buffer.speech_started',
  { item_id, audio_start_ms: position },
];
const committed = (ms: number, item_id: string): Step => [
  ms,
  'input_audio_buffer.committed',
  { item_id, previous_item_id: null },
];
const heard = (ms: number, item_id: string, transcript: string): Step => [
  ms,
  `${INPUT}.completed`,
  { item_id, content_index: 0, transcript },
];
const said = (ms: number, item_id: string, transcript: string, response_id = 'r'): Step => [
  ms,
  'response.output_audio_transcript.done',
  { item_id, response_id, content_index: 0, transcript },
];
const answered = (ms: number, status: string, output: readonly unknown[], details = {}): Step => [
  ms,
  'response.done',
  { response: { id: 'r', status, output, status_details: details } },
];
const item = (ms: number, fields: Readonly<Record<string, unknown>>): Step => [
  ms,
  'conversation.item.added',
  { item: { type: 'message', ...fields } },
];

describe('the transcript', () => {
  it('is complete without events of items, in the order in which their audio began', () => {
    const report = translate(
      session,
      speech(1000, 'u'),
      said(3000, 'a', 'Nine.'),
      heard(4000, 'u', 'Price?'),
    );
    expect(shown(report)).toEqual([
      ['User', 'Price?', 1000],
      ['Agent', 'Nine.', 3000],
    ]);
  });

  it('has the deltas of a message whose end is missing', () => {
    const delta = { content_index: 0, item_id: 'u' };
    const report = translate(
      session,
      [1000, `${INPUT}.delta`, { ...delta, delta: 'Pri' }],
      [1100, `${INPUT}.delta`, { ...delta, delta: 'ce' }],
      [
        2000,
        'response.output_text.delta',
        { ...delta, item_id: 'a', response_id: 'r', delta: 'Ni' },
      ],
    );
    expect(shown(report)).toEqual([
      ['User', 'Price', 1000],
      ['Agent', 'Ni', 2000],
    ]);
  });

  it('has the text of a retrieved item', () => {
    const content = [{ type: 'input_audio', transcript: 'Price?' }];
    const retrieved = { item: { id: 'u', type: 'message', role: 'user', content } };
    const report = translate(session, committed(1000, 'u'), [
      2000,
      'conversation.item.retrieved',
      retrieved,
    ]);
    expect(shown(report)).toEqual([['User', 'Price?', 1000]]);
  });

  it('has no message for silence, noise, uncommitted speech and answers without a word', () => {
    const report = translate(
      session,
      [1000, 'input_audio_buffer.timeout_triggered', { item_id: 'silence' }],
      committed(1010, 'silence'),
      speech(2000, 'uncommitted'),
      heard(3000, 'noise', ''),
      item(4000, { id: 'a', role: 'assistant', content: [] }),
      answered(4100, 'cancelled', []),
    );
    expect(report.messages).toEqual([]);
  });

  it('keeps speech that was not transcribed as a message without words', () => {
    expect(shown(translate(session, committed(1000, 'u')))).toEqual([['User', '', 1000]]);
  });

  it('logs an image', () => {
    const image = { id: 'u', role: 'user', content: [{ type: 'input_image', image_url: 'data:' }] };
    const report = translate(session, item(1000, image), item(1100, image));
    expect(report.logs).toMatchObject([{ message: 'The user sent an image.', at: START + 1000 }]);
  });

  it('adds a result to the call that was made, and leaves out the handling of tools', () => {
    const report = translate(
      session,
      item(1000, { id: 'f', type: 'function_call', call_id: 'c', name: 'prices', arguments: '{' }),
      item(1500, { id: 'o', type: 'function_call_output', call_id: 'c', output: 'nine' }),
      item(1600, { id: 'p', type: 'mcp_approval_request', name: 'find', arguments: '{}' }),
    );
    expect(report.messages).toMatchObject([
      { toolCall: { callId: 'c', name: 'prices', arguments: '{', result: 'nine', latencyMs: 500 } },
    ]);
    expect(report.warnings).toEqual([]);
  });
});

describe('times', () => {
  it('of speech count from the start of the session', () => {
    expect(shown(translate(session, speech(1400, 'u', 1000), heard(3000, 'u', 'Hi')))).toEqual([
      ['User', 'Hi', 1000],
    ]);
  });

  it('of speech are those of their events if the microphone was paused', () => {
    expect(shown(translate(session, speech(60_000, 'u', 1000), heard(61_000, 'u', 'Hi')))).toEqual([
      ['User', 'Hi', 60_000],
    ]);
  });

  it('of speech are those of their events if the start of the session is missing', () => {
    expect(shown(translate(speech(5000, 'u', 1000), heard(6000, 'u', 'Hi')))).toEqual([
      ['User', 'Hi', 5000],
    ]);
  });

  it('count from the first request without times of lines', () => {
    const report = translate(
      [null, 'session.created', {}],
      speech(null, 'u', 1000),
      committed(0, 'u'),
    );
    expect(report.messages[0]?.at).toEqual({ sinceStart: 1000 });
  });

  it('of an answer are those of its first delta', () => {
    const delta = { item_id: 'a', response_id: 'r', content_index: 0, delta: 'AAAA' };
    const report = translate(
      session,
      item(1000, { id: 'a', role: 'assistant', content: [] }),
      [1200, 'response.output_audio.delta', delta],
      said(2000, 'a', 'Nine.'),
    );
    expect(shown(report)).toEqual([['Agent', 'Nine.', 1200]]);
  });
});

describe('an interruption', () => {
  const truncated = (ms: number, audio_end_ms: number): Step => [
    ms,
    'conversation.item.truncated',
    { item_id: 'a', content_index: 0, audio_end_ms },
  ];

  it('keeps the text and how much was heard of it', () => {
    const report = translate(
      session,
      said(1000, 'a', 'Nine.'),
      truncated(2000, 900),
      truncated(2100, 400),
    );
    expect(report.messages).toMatchObject([
      {
        content: 'Nine.',
        wasInterrupted: true,
        endedAt: START + 1400,
        metrics: { HeardMs: 400 },
      },
    ]);
  });

  it('is a canceled answer, but not one that was complete before', () => {
    const of = (status: string) =>
      translate(
        session,
        said(1000, 'a', 'Nine.'),
        answered(2000, 'cancelled', [{ id: 'a', type: 'message', role: 'assistant', status }]),
      ).messages[0]?.wasInterrupted;
    expect([of('incomplete'), of('completed')]).toEqual([true, undefined]);
  });
});

describe('the end', () => {
  it('has a complete transcript once all speech is transcribed', () => {
    const before = translate(session, committed(1000, 'u'), closed);
    const after = translate(session, committed(1000, 'u'), closed, heard(9500, 'u', 'Bye'));
    const failed = translate(session, committed(1000, 'u'), closed, [
      9500,
      `${INPUT}.failed`,
      { item_id: 'u' },
    ]);
    expect(before).toMatchObject({ stage: 'Completed', completeness: { Analysis: 'Absent' } });
    expect(before.completeness).not.toHaveProperty('Transcript');
    expect([after, failed]).toMatchObject([
      { completeness: { Transcript: 'Complete' } },
      { completeness: { Transcript: 'Complete' } },
    ]);
  });

  it('is not reached if another session continues the call', () => {
    const expired: Step = [
      3600,
      'error',
      { error: { code: 'session_expired', message: 'Expired' } },
    ];
    const next: Step = [4000, 'session.created', { session: { id: 's2' } }];
    expect(translate(session, expired).call).toMatchObject({ endReason: 'session_expired' });
    expect(translate(session, expired, next).call).not.toHaveProperty('hasEnded');
    expect(translate(session, expired, next, closed).call).toMatchObject({
      hasEnded: true,
      endTime: START + 9000,
      endReason: null,
    });
  });

  it('of a response that is too long is logged', () => {
    const details = { type: 'incomplete', reason: 'max_output_tokens' };
    const report = translate(
      session,
      said(1000, 'a', 'Ni'),
      answered(2000, 'incomplete', [], details),
    );
    expect(report.logs).toMatchObject([
      { level: 'Warning', details: { Reason: 'max_output_tokens' } },
    ]);
  });
});

it('a transcription session has no agent', () => {
  const transcription: Step = [
    0,
    'session.created',
    { session: { id: 's', type: 'transcription' } },
  ];
  const report = translate(transcription, heard(1000, 'u', 'Hi'));
  expect([report.agents, shown(report)]).toEqual([[], [['User', 'Hi', 1000]]]);
});

it('events that the process sends itself are no unknown ones', () => {
  const report = translate(
    session,
    [10, 'response.create', { response: {} }],
    [20, 'session.update'],
  );
  expect(report.warnings).toEqual([]);
});
