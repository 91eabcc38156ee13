import { describe, expect, it } from 'vitest';
import { identifyTwilio, translateTwilio } from './translate.ts';

const URL = 'https://api.twilio.com/2010-04-01/Accounts/AC1/Recordings/RE9';
const RECORDING = {
  CallSid: 'CA1',
  RecordingSid: 'RE9',
  RecordingStatus: 'completed',
  RecordingUrl: URL,
  RecordingChannels: '1',
};

const formOf = (fields: Record<string, string>) => ({
  headers: { 'content-type': 'application/x-www-form-urlencoded' },
  body: Buffer.from(new URLSearchParams(fields).toString()),
});
const jsonOf = (fields: object) => ({ headers: {}, body: Buffer.from(JSON.stringify(fields)) });

describe('recordings of Twilio', () => {
  it.each<[string, Record<string, string>, object]>([
    ['one channel', {}, { url: `${URL}.wav`, of: 'Mixed' }],
    ['the track of the client', { RecordingTrack: 'inbound' }, { url: `${URL}.wav`, of: 'Client' }],
    ['the track of the agent', { RecordingTrack: 'outbound' }, { url: `${URL}.wav`, of: 'Agent' }],
    [
      'two channels of a dialed call',
      { RecordingChannels: '2', RecordingSource: 'DialVerb' },
      { url: `${URL}.wav?RequestedChannels=2`, of: { channels: ['Client', 'Agent'] } },
    ],
    [
      'two channels that Twilio does not define',
      { RecordingChannels: '2', RecordingSource: 'OutboundAPI' },
      { url: `${URL}.wav?RequestedChannels=1`, of: 'Mixed' },
    ],
    [
      'a file with a start time',
      { RecordingUrl: `${URL}.mp3`, RecordingStartTime: 'Mon, 24 Nov 2025 16:00:00 +0000' },
      { url: `${URL}.mp3`, of: 'Mixed', startTime: 1_764_000_000_000 },
    ],
  ])('a callback of %s names the file', (_, fields, audio) => {
    const report = translateTwilio(formOf({ ...RECORDING, ...fields }));
    expect(report.audio).toEqual([audio]);
    expect(report.completeness).toEqual({ Audio: 'Complete' });
  });

  it.each([
    ['in-progress', {}],
    ['paused', {}],
    ['deleted', {}],
    ['absent', { Audio: 'Absent' }],
    ['failed', { Audio: 'Absent' }],
  ])('the status %s names no file', (status, completeness) => {
    const report = translateTwilio(formOf({ ...RECORDING, RecordingStatus: status }));
    expect(report.audio).toEqual([]);
    expect(report.completeness).toEqual(completeness);
  });

  it('a status callback may name the file too', () => {
    const fields = { CallSid: 'CA1', CallStatus: 'completed', RecordingUrl: URL };
    expect(translateTwilio(formOf(fields)).audio).toEqual([{ url: `${URL}.wav`, of: 'Mixed' }]);
  });
});

describe('parts of a Twilio call', () => {
  it('a call that never connected has none', () => {
    const { completeness } = translateTwilio(formOf({ CallSid: 'CA1', CallStatus: 'busy' }));
    expect(completeness).toEqual({ Transcript: 'Absent', Audio: 'Absent', Analysis: 'Absent' });
  });

  it('the transcript is complete with all its sentences', () => {
    const sentences = [{ media_channel: 1, transcript: 'Hi' }];
    const all = translateTwilio(jsonOf({ CallSid: 'CA1', sentences, meta: { page: 0 } }));
    expect(all.completeness).toEqual({ Transcript: 'Complete' });
    const page = translateTwilio(jsonOf({ CallSid: 'CA1', sentences, meta: { page: 1 } }));
    expect(page.completeness).toEqual({});
  });
});

describe('the call of a Twilio callback', () => {
  it.each([
    ['the call', formOf({ CallSid: 'CA1' }), 'CA1'],
    ['the call that dialed it', formOf({ CallSid: 'CA2', ParentCallSid: 'CA1' }), 'CA1'],
    ['the customer key', jsonOf({ customer_key: 'CA1', transcript_sid: 'GT1' }), 'CA1'],
    [
      'the source of the transcript',
      jsonOf({
        customer_key: 'order 7',
        channel: { media_properties: { reference_sids: { call_sid: 'CA1' } } },
      }),
      'CA1',
    ],
    ['no call', jsonOf({ customer_key: 'order 7', transcript_sid: 'GT1' }), null],
    ['a conference', formOf({ ConferenceSid: 'CF1', CallSid: '' }), null],
  ])('is that of %s', (_, delivery, callId) => {
    expect(identifyTwilio(delivery).callId).toBe(callId);
  });

  it('types its events by the status', () => {
    const typeOf = (fields: Record<string, string>) => identifyTwilio(formOf(fields)).eventType;
    expect(typeOf({ CallStatus: 'ringing' })).toBe('ringing');
    expect(typeOf(RECORDING)).toBe('recording-completed');
    expect(typeOf({ event_type: 'voice_intelligence_transcript_available' })).toMatch(/available$/);
    expect(typeOf({ StreamEvent: 'stream-started' })).toBe('');
  });

  it('is not found in JSON that cannot be read', () => {
    expect(() => identifyTwilio({ headers: {}, body: Buffer.from('{"CallSid":') })).toThrow();
  });
});
