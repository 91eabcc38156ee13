import { describe, expect, it } from 'vitest';
import { identifyLivekit, translateLivekit } from './translate.ts';

const deliver = (fields: object) => ({ headers: {}, body: Buffer.from(JSON.stringify(fields)) });
const URL = 'https://bucket.example/room-7.ogg';
const START = 1_764_000_000_000;

const ended = (egress: object) =>
  translateLivekit(
    deliver({
      event: 'egress_ended',
      createdAt: '1764000335',
      egressInfo: {
        roomId: 'RM_1',
        status: 'EGRESS_COMPLETE',
        startedAt: '1764000000000000000',
        fileResults: [{ location: URL }],
        ...egress,
      },
    }),
  );

describe('the call of a LiveKit delivery', () => {
  it.each<[string, object, string | null]>([
    ['a room', { event: 'room_started', room: { sid: 'RM_1', name: 'room-7' } }, 'RM_1'],
    ['an egress', { event: 'egress_ended', egressInfo: { roomId: 'RM_1' } }, 'RM_1'],
    [
      'an egress without the id of its room',
      { event: 'egress_ended', egressInfo: { roomName: 'room-7' } },
      null,
    ],
    ['an ingress', { event: 'ingress_ended', ingressInfo: { state: { roomId: 'RM_1' } } }, 'RM_1'],
    ['a job', { event: 'agent_job_ended', job: { room: { sid: 'RM_1' } } }, 'RM_1'],
    ['a session report', { room_id: 'RM_1', room: 'room-7', chat_history: {} }, 'RM_1'],
    ['nothing known', { hello: 1 }, null],
  ])('%s is the sid of the room', (_, fields, callId) => {
    expect(identifyLivekit(deliver(fields)).callId).toBe(callId);
  });

  it('a webhook has an id, and a report has none', () => {
    const webhook = deliver({ event: 'room_started', id: 'EV_1', room: { sid: 'RM_1' } });
    expect(identifyLivekit(webhook)).toMatchObject({ eventType: 'room_started', eventId: 'EV_1' });
    const report = deliver({ room_id: 'RM_1', chat_history: { items: [] } });
    expect(identifyLivekit(report)).toMatchObject({ eventType: 'session_report', eventId: null });
  });
});

describe('recordings of LiveKit', () => {
  it.each<[string, object, unknown]>([
    ['a room', { roomComposite: { roomName: 'room-7' } }, 'Mixed'],
    [
      'a room with the agent on the left',
      { roomComposite: { audioMixing: 'DUAL_CHANNEL_AGENT' } },
      { channels: ['Agent', 'Client'] },
    ],
    [
      'a room with alternating channels',
      { roomComposite: { audioMixing: 'DUAL_CHANNEL_ALTERNATE' } },
      'Mixed',
    ],
    ['a participant', { participant: { identity: 'ann' } }, { participantId: 'ann' }],
    ['a time limit', { status: 'EGRESS_LIMIT_REACHED' }, 'Mixed'],
    ['the deprecated field', { fileResults: [], file: { location: URL } }, 'Mixed'],
  ])('an egress of %s names the file', (_, egress, of) => {
    const report = ended(egress);
    expect(report.audio).toEqual([{ url: URL, of, startTime: START }]);
    expect(report.completeness).toEqual({ Audio: 'Complete' });
    expect(report.warnings).toEqual([]);
  });

  it('takes the start of the file in nanoseconds', () => {
    const fileResults = [{ location: URL, startedAt: '1764000001500000000' }];
    expect(ended({ fileResults }).audio).toMatchObject([{ startTime: START + 1500 }]);
  });

  it('warns that a track does not say of whom it is', () => {
    const { audio, warnings } = ended({ track: { trackId: 'TR_1' } });
    expect(audio).toMatchObject([{ of: 'Mixed' }]);
    expect(warnings).toEqual(['A recording of one track does not say of whom it is.']);
  });

  it.each([
    ['EGRESS_STARTING', {}],
    ['EGRESS_ACTIVE', {}],
    ['EGRESS_ENDING', {}],
  ])('the status %s names no file', (status, completeness) => {
    const report = ended({ status });
    expect(report.audio).toEqual([]);
    expect(report.completeness).toEqual(completeness);
  });

  it('a failed egress without files has no audio', () => {
    const report = ended({ status: 'EGRESS_ABORTED', fileResults: [] });
    expect(report.completeness).toEqual({ Audio: 'Absent' });
    expect(report.logs).toMatchObject([{ level: 'Error' }]);
  });
});

describe('parts of a LiveKit session', () => {
  it('a report completes the transcript', () => {
    const items = [{ type: 'message', role: 'user', content: ['Hi'], created_at: 1_764_000_001 }];
    const report = translateLivekit(deliver({ room_id: 'RM_1', chat_history: { items } }));
    expect(report.completeness).toEqual({ Transcript: 'Complete', Analysis: 'Absent' });
    expect(report.call.startTime).toBe(START + 1000);
  });

  it('a phone call names the call of its leg at Twilio', () => {
    const participant = {
      identity: 'sip_1',
      kind: 'SIP',
      attributes: { 'sip.twilio.callSid': 'CA123' },
    };
    const fields = { event: 'participant_joined', room: { sid: 'RM_1' }, participant };
    const { call } = translateLivekit(deliver(fields));
    expect(call.otherIds).toEqual([{ source: 'twilio', id: 'CA123' }]);
  });
});
