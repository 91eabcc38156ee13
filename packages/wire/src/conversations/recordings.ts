import Type from 'typebox';
import { CHANGES, MEBIBYTE, op, READS } from '../op.ts';
import { Cursor } from '../page.ts';
import { businessParams, inBusiness, parameter, sessionParams } from '../parameters.ts';
import { mayAddOrEdit, mayRead, maySeeSettings } from '../permissions.ts';
import { maybe, nullable, optional, strict, Timestamp } from '../types.ts';

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

const recordingParams = inBusiness({
  sessionId: sessionParams.properties.sessionId,
  participantId: parameter(
    Type.String({
      'x-masked': 'participant',
      pattern: '^(?!\\.{1,2}$)[A-Za-z0-9_.:+@-]{1,128}$',
      'x-expected':
        'a ClientId or AgentId of the conversation (1 to 128 characters from `A-Z a-z 0-9 _ . : - + @`) or `_mixed`',
    }),
    'A `ClientId` or `AgentId` of the conversation, or `_mixed` for a recording of all participants',
    'client_123',
  ),
});

export const putRecording = op({
  ...CHANGES,
  name: 'PutRecording',
  method: 'PUT',
  path: '/business/{businessId}/conversations/{sessionId}/recordings/{participantId}',
  tag: 'Recordings',
  title: 'Upload a recording',
  summary: 'Upload the recording of a participant, or of all participants as `_mixed`',
  description: `The body is the audio itself, which is streamed. A recording is accepted in any state of the conversation, even after sealing. A second upload replaces the first atomically; with \`Adding\` alone this is a \`CONFLICT\` unless the bytes are the same. A body that is cut off leaves nothing behind.

If the Content-Type and the bytes disagree, the bytes decide. \`video/webm\`, \`video/mp4\`, \`application/octet-stream\` and a missing Content-Type are accepted if the bytes are audio; with a video track they are refused (\`UNSUPPORTED_MEDIA_TYPE\`).

\`StartTime\` belongs to the upload: the next upload replaces it, or removes it if it has none. Without \`StartTime\`, the silenced copy of a recording that is shorter than 90 % of its conversation is silent wherever it may contain masked content, so send it to silence no more than necessary. A \`StartTime\` that places the recording entirely outside the conversation is returned but not used.

A key that reads masked data sends the opaque participant id that it reads. An id that redaction masks (because it contains a number or an e-mail address) is a 403 for such a key, whether or not the participant exists.`,
  permission: mayAddOrEdit,
  params: recordingParams,
  query: strict({
    StartTime: optional(
      Timestamp,
      'When the first sample was taken, with an offset (write `+` as `%2B` in a URL). It may be before the `StartTime` of the conversation. The player and the silenced copies use it to align the recording.',
    ),
  }),
  body: 'audio',
  bodyLimit: 1024 * MEBIBYTE,
  output: Type.Object({
    ParticipantId: Type.String({ description: 'The participant who was recorded, or `_mixed`' }),
    ContentType: Type.Enum([...AUDIO_TYPES], { description: 'The media type of the audio' }),
    Bytes: Type.Integer({ description: 'The size in bytes' }),
    Sha256: Type.String({ description: 'The SHA-256 hash of the bytes, in hex' }),
    DurationSeconds: nullable(
      Type.Number({ minimum: 0, maximum: 10_000_000 }),
      'The duration; null if the audio does not specify it, or specifies more than 10,000,000',
    ),
  }),
  statuses: [201, 200],
  errors: [
    'NOT_FOUND',
    'GONE',
    'CONFLICT',
    'PAYLOAD_TOO_LARGE',
    'UNSUPPORTED_MEDIA_TYPE',
    'QUOTA_EXCEEDED',
  ],
  examples: {
    output: {
      ParticipantId: 'client_123',
      ContentType: 'audio/ogg',
      Bytes: 48213,
      Sha256: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
      DurationSeconds: 31.5,
    },
  },
  messages: {
    QUOTA_EXCEEDED:
      'Business 12345 has reached its quota of 1,000,000 bytes of stored transcripts and recordings; ask an admin of the server to raise it, or delete some of them.',
    INVALID_REQUEST: 'The body is empty; send the bytes of the recording.',
    CONFLICT: 'There is already another recording, and the key may not replace it.',
    NOT_FOUND:
      'There is no participant client_123 in this conversation; give a ClientId, an AgentId or _mixed.',
    PAYLOAD_TOO_LARGE: 'A recording has at most 1073741824 bytes.',
    UNSUPPORTED_MEDIA_TYPE:
      'The Content-Type must be one of audio/wav, audio/mpeg, audio/ogg, audio/webm, audio/mp4, audio/flac.',
  },
});

export const getRecordingPeaks = op({
  ...READS,
  name: 'GetRecordingPeaks',
  method: 'GET',
  path: '/business/{businessId}/conversations/{sessionId}/recordings/{participantId}/peaks',
  tag: 'Recordings',
  title: 'Get a waveform',
  summary: 'Get the waveform of a recording',
  description: `The waveform is made once, soon after the upload. It has, for each channel, the sample with the largest amplitude in each fiftieth of a second; recordings over twenty minutes have longer intervals.

The format is the one of wavesurfer.js: \`WaveSurfer.create({ url: AudioUrl, peaks: Data.Peaks, duration: Data.DurationSeconds })\`.

The message of a \`NOT_FOUND\` says whether the waveform is not made yet or cannot be made. The server decodes WAV, Opus (in Ogg and WebM), Vorbis, MP3 and FLAC; other formats, such as AAC in MP4, need ffmpeg.`,
  permission: mayRead,
  params: recordingParams,
  output: Type.Object({
    DurationSeconds: Type.Number({ description: 'The duration of the recording' }),
    PeaksPerSecond: Type.Number({ description: 'The number of peaks per second and channel' }),
    Peaks: Type.Array(Type.Array(Type.Number({ minimum: -1, maximum: 1 })), {
      description: 'The peaks of each channel, from -1 to 1',
    }),
  }),
  errors: ['NOT_FOUND', 'GONE'],
  examples: {
    output: { DurationSeconds: 0.1, PeaksPerSecond: 50, Peaks: [[0.01, -0.42, 0.87, -0.6, 0.02]] },
  },
});

export const PROBLEMS = ['Missing', 'Damaged', 'Orphaned'] as const;

export const verifyRecordings = op({
  ...READS,
  name: 'VerifyRecordings',
  method: 'POST',
  path: '/business/{businessId}/recordings/verify',
  tag: 'Recordings',
  title: 'Verify recordings',
  summary: 'Read all recordings and report missing, damaged and orphaned ones',
  description:
    'Compares each recording with the hash that was computed at its upload. At the end, it lists the blobs of the store that belong to no recording; the server removes these after a day. One request works for some seconds. Send its `NextCursor` with the next request until it is null.',
  permission: maySeeSettings,
  params: businessParams,
  body: strict({
    NextCursor: maybe(Cursor, 'The `NextCursor` of the last answer, to continue; null to start'),
  }),
  bodyOptional: true,
  output: Type.Object({
    Checked: Type.Integer({ description: 'The number of recordings that this request read' }),
    Bytes: Type.Integer({ description: 'Their size in bytes' }),
    Problems: Type.Array(
      Type.Object({
        SessionId: nullable(
          Type.String({ 'x-masked': 'id' }),
          'The conversation of the recording; null for an orphaned blob',
        ),
        ParticipantId: nullable(
          Type.String({ 'x-masked': 'participant' }),
          'The participant who was recorded, or `_mixed`; null for an orphaned blob',
        ),
        Problem: Type.Enum([...PROBLEMS], {
          description:
            '`Missing`: the blob does not exist; `Damaged`: its hash is different; `Orphaned`: it belongs to no recording',
        }),
        BlobKey: Type.String({ description: 'The name of the blob in the store' }),
        Bytes: Type.Integer({ description: 'The size of the blob in bytes' }),
      }),
      { description: 'The problems that were found' },
    ),
    NextCursor: nullable(Type.String(), 'To be sent with the next request; null at the end'),
  }),
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
});
