import Type from 'typebox';
import { MEBIBYTE, op } from '../op.ts';
import { Cursor } from '../page.ts';
import { mayAddOrEdit, mayRead, maySeeSettings } from '../permissions.ts';
import { BusinessId, Id, maybe, nullable, strict, Timestamp } from '../types.ts';

export const AUDIO_TYPES = [
  'audio/wav',
  'audio/mpeg',
  'audio/ogg',
  'audio/webm',
  'audio/mp4',
  'audio/flac',
] as const;
/** Accepted if the bytes are audio without a video track. */
export const UNSURE_AUDIO_TYPES = ['video/webm', 'video/mp4', 'application/octet-stream'] as const;
export type AudioType = (typeof AUDIO_TYPES)[number];

const recordingParams = Type.Object({
  businessId: BusinessId,
  sessionId: Id,
  participantId: Type.String({
    'x-masked': 'participant',
    pattern: '^(?!\\.{1,2}$)[A-Za-z0-9_.:+@-]{1,128}$',
    'x-expected':
      'a ClientId or AgentId of the conversation (1 to 128 of `A-Z a-z 0-9 _ . : - + @`), or `_mixed`',
    description: 'A ClientId or AgentId of the conversation, or `_mixed`',
  }),
});

export const putRecording = op({
  name: 'PutRecording',
  method: 'PUT',
  path: '/business/{businessId}/conversations/{sessionId}/recordings/{participantId}',
  tag: 'Recordings',
  summary: 'Upload the recording of a participant, or of everybody as `_mixed`',
  description:
    'The body is the audio itself, streamed. A second upload replaces the first as one step. A key that reads masked conversations gives the opaque participant id that its reads show; an id that redaction masks (one that contains a number or an e-mail address) gets a 403 from it, whether or not there is such a participant.',
  permission: mayAddOrEdit,
  params: recordingParams,
  query: strict({
    StartTime: Type.Optional({
      ...Timestamp,
      description:
        'When the first sample was taken: RFC 3339 with an offset (write `+` as `%2B` in a URL). May be before the `StartTime` of the conversation. The player and the silenced copies align the recording by it.',
    }),
  }),
  body: 'audio',
  bodyLimit: 1024 * MEBIBYTE,
  output: Type.Object({
    ParticipantId: Type.String(),
    ContentType: Type.Enum([...AUDIO_TYPES]),
    Bytes: Type.Integer(),
    Sha256: Type.String({ description: 'In hex' }),
    DurationSeconds: nullable(
      Type.Number({
        minimum: 0,
        maximum: 10_000_000,
        description: 'null if the audio does not say how long it is, or says more than 10,000,000',
      }),
    ),
  }),
  statuses: [201, 200],
  errors: ['NOT_FOUND', 'GONE', 'CONFLICT', 'PAYLOAD_TOO_LARGE', 'UNSUPPORTED_MEDIA_TYPE'],
  examples: {
    output: {
      ParticipantId: 'client_123',
      ContentType: 'audio/ogg',
      Bytes: 48213,
      Sha256: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
      DurationSeconds: 31.5,
    },
  },
  idempotent: true,
});

export const getRecordingPeaks = op({
  name: 'GetRecordingPeaks',
  method: 'GET',
  path: '/business/{businessId}/conversations/{sessionId}/recordings/{participantId}/peaks',
  tag: 'Recordings',
  summary: 'Get the waveform of a recording',
  description:
    'Made once, soon after the upload: of each channel the sample farthest from zero in each fiftieth of a second, in longer stretches where a recording is longer than twenty minutes. As wavesurfer.js takes it: `WaveSurfer.create({ url: AudioUrl, peaks: Data.Peaks, duration: Data.DurationSeconds })`. `NOT_FOUND` says whether it is not made yet or cannot be: the server decodes WAV, Opus (in Ogg and WebM), Vorbis, MP3 and FLAC; other formats, such as AAC in MP4, need ffmpeg.',
  permission: mayRead,
  params: recordingParams,
  query: Type.Object({}),
  body: null,
  bodyLimit: 0,
  output: Type.Object({
    DurationSeconds: Type.Number(),
    PeaksPerSecond: Type.Number(),
    Peaks: Type.Array(Type.Array(Type.Number({ minimum: -1, maximum: 1 })), {
      description: 'Of each channel',
    }),
  }),
  statuses: [200],
  errors: ['NOT_FOUND', 'GONE'],
  examples: {
    output: { DurationSeconds: 0.1, PeaksPerSecond: 50, Peaks: [[0.01, -0.42, 0.87, -0.6, 0.02]] },
  },
  idempotent: true,
});

export const PROBLEMS = ['Missing', 'Damaged', 'Orphaned'] as const;

export const verifyRecordings = op({
  name: 'VerifyRecordings',
  method: 'POST',
  path: '/business/{businessId}/recordings/verify',
  tag: 'Recordings',
  summary: 'Read recordings again, and say which are missing, damaged or orphaned',
  description:
    'Compares each recording with the hash that was taken when it came in, and at the end lists the store for blobs that nothing claims (they are removed after a day). One request works for some seconds; the next one goes on with its `NextCursor`, until that is null.',
  permission: maySeeSettings,
  params: Type.Object({ businessId: BusinessId }),
  query: Type.Object({}),
  body: strict({ NextCursor: maybe(Cursor) }),
  bodyOptional: true,
  bodyLimit: MEBIBYTE,
  output: Type.Object({
    Checked: Type.Integer({ description: 'Recordings that this request has read' }),
    Bytes: Type.Integer({ description: 'Of those' }),
    Problems: Type.Array(
      Type.Object({
        SessionId: nullable(
          Type.String({ 'x-masked': 'id', description: 'null for what is orphaned' }),
        ),
        ParticipantId: nullable(Type.String({ 'x-masked': 'participant' })),
        Problem: Type.Enum([...PROBLEMS]),
        BlobKey: Type.String({ description: 'The name of the blob in the store' }),
        Bytes: Type.Integer(),
      }),
    ),
    NextCursor: nullable(Type.String()),
  }),
  statuses: [200],
  errors: ['INVALID_CURSOR'],
  examples: {
    body: { NextCursor: null },
    output: {
      Checked: 118,
      Bytes: 9482113,
      Problems: [
        {
          SessionId: 'session_abc123',
          ParticipantId: 'client_123',
          Problem: 'Damaged',
          BlobKey: '12345/8f14e45fceea167a5a36dedd4bea2543',
          Bytes: 48213,
        },
      ],
      NextCursor: null,
    },
  },
  idempotent: true,
});
