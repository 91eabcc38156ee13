export interface Target {
  readonly port: number;
  /** A key with all permissions, and a masked one. */
  readonly key: string;
  readonly maskedKey: string;
  readonly businessId: number;
}

/** One request of an attack. Equal requests share their body. */
export interface Shot {
  readonly method: 'GET' | 'POST' | 'PUT';
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer | null;
}

export interface Attack {
  readonly name: string;
  readonly atOnce: number;
  readonly requests: number;
  /** The number of requests with `--quick`. */
  readonly quickRequests: number;
  shoot(target: Target): (index: number) => Shot;
}

export const MIB = 1024 * 1024;
export const SIMULATED_CALLS = 100_000;
export const LARGE_IDS = ['large-1', 'large-2', 'large-3', 'large-4'] as const;
export const IBANS_ID = 'ibans';
export const RECORDED_ID = 'recorded';
/** 750 hours of the year of the loaded conversations. */
const HOURS = { Bucket: 'Hour', From: '2025-03-01T00:00:00Z', To: '2025-04-01T06:00:00Z' };

const START = '2026-01-15T14:30:00Z';

/** A body of PutConversation with messages or logs of these texts. */
export function wholeConversation(texts: readonly string[], kind: 'messages' | 'logs'): object {
  return {
    QueueId: null,
    Status: 'Completed',
    StartTime: START,
    EndTime: '2026-01-15T14:40:00Z',
    EndType: 'Normal',
    Clients: [{ ClientId: 'caller', ClientType: 'Web', JoinedAt: START }],
    Agents: [],
    Messages:
      kind === 'messages'
        ? texts.map((Content) => ({ SenderId: 'caller', Role: 'User', Content, Timestamp: START }))
        : [],
    Logs:
      kind === 'logs' ? texts.map((Message) => ({ Level: 'Info', Message, Timestamp: START })) : [],
    InitiationType: 'Web',
    Metadata: {},
  };
}

/** Words with about the compression ratio of speech. */
export function spokenText(bytes: number, seed: number): string {
  let state = seed + 1;
  const words: string[] = [];
  for (let length = 0; length < bytes; ) {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    const word = (state % 100_000).toString(36).padStart(3, 'e');
    words.push(word);
    length += word.length + 1;
  }
  return words.join(' ').slice(0, bytes);
}

/** Fifteen texts in which nearly every character could begin an IBAN, but none does. */
export const ibanTexts = () =>
  Array.from({ length: 15 }, (_, index) =>
    `DE${10 + index} 3704 0044 0532 0130 0${index % 10} `.repeat(MIB / 28).slice(0, MIB - 16),
  );

export const largeTexts = (mebibytes: number) =>
  Array.from({ length: Math.ceil(mebibytes) }, (_, index) =>
    spokenText(Math.floor((mebibytes * MIB) / Math.ceil(mebibytes)) - 128, index),
  );

const json = (target: Target, key = target.key) => ({
  Authorization: `Token ${key}`,
  'Content-Type': 'application/json',
});
const pathOf = ({ businessId }: Target, rest: string) => `/api/v1/business/${businessId}${rest}`;

function put(mebibytes: number, prefix: string) {
  return (target: Target) => {
    const texts = largeTexts(mebibytes);
    const body = Buffer.from(JSON.stringify(wholeConversation(texts, 'messages')));
    return (index: number): Shot => ({
      method: 'PUT',
      path: pathOf(target, `/conversations/${prefix}-${index}`),
      headers: json(target),
      body,
    });
  };
}

function get(rest: (index: number) => string, masked = false) {
  return (target: Target) =>
    (index: number): Shot => ({
      method: 'GET',
      path: pathOf(target, rest(index)),
      headers: json(target, masked ? target.maskedKey : target.key),
      body: null,
    });
}

function post(rest: string, value: object) {
  return (target: Target) => {
    const body = Buffer.from(JSON.stringify(value));
    return (): Shot => ({
      method: 'POST',
      path: pathOf(target, rest),
      headers: json(target),
      body,
    });
  };
}

function distinctKeys(target: Target): (index: number) => Shot {
  const keys = Array.from(
    { length: (16 * MIB) / 12 - 8 },
    (_, i) => `"${i.toString(36).padStart(7, '0')}":1`,
  );
  const body = Buffer.from(`{${keys.join(',')}}`);
  return (index) => ({
    method: 'PUT',
    path: pathOf(target, `/conversations/keys-${index}`),
    headers: json(target),
    body,
  });
}

function duplicateKey(): () => Shot {
  const keys = Array.from(
    { length: MIB / 12 - 8 },
    (_, i) => `"${i.toString(36).padStart(7, '0')}":1`,
  );
  const body = Buffer.from(`{${keys.join(',')},${keys[0]}}`);
  return () => ({
    method: 'POST',
    path: '/api/v1/session',
    headers: { 'Content-Type': 'application/json' },
    body,
  });
}

/** Files that consist of the smallest elements of their format. */
function craftedAudio(target: Target): (index: number) => Shot {
  const size = 8 * MIB;
  const webm = Buffer.concat([
    Buffer.from('1a45dfa380' + '1853806701ffffffffffffff', 'hex'),
    Buffer.alloc(size, Buffer.from('ec80', 'hex')),
  ]);
  const page = Buffer.alloc(27);
  page.write('OggS');
  const ogg = Buffer.alloc(size, page);
  // MPEG 2.5, layer III, 8 kbit/s at 8 kHz: 72 bytes per frame.
  const frame = Buffer.alloc(72);
  frame.writeUInt32BE(0xffe31800);
  const mp3 = Buffer.alloc(size, frame);
  const files = [
    ['audio/webm', webm],
    ['audio/ogg', ogg],
    ['audio/mpeg', mp3],
  ] as const;
  return (index) => {
    const [type, body] = files[index % files.length] ?? files[0];
    return {
      method: 'PUT',
      path: pathOf(target, `/conversations/${RECORDED_ID}/recordings/caller`),
      headers: { ...json(target), 'Content-Type': type },
      body,
    };
  };
}

const largeId = (index: number) => LARGE_IDS[index % LARGE_IDS.length] ?? LARGE_IDS[0];

/** An attack may slow down its sender, but must not slow down other businesses. */
export const ATTACKS: readonly Attack[] = [
  {
    name: 'PutConversation, 16 MiB of distinct keys',
    ...{ atOnce: 2, requests: 250, quickRequests: 12, shoot: distinctKeys },
  },
  {
    name: 'POST /session, 1 MiB with a duplicate key',
    ...{ atOnce: 4, requests: 4_000, quickRequests: 400, shoot: duplicateKey },
  },
  {
    name: 'GetConversation, masked, 15 logs of 1 MiB like IBANs',
    ...{
      atOnce: 2,
      requests: 6,
      quickRequests: 2,
      shoot: get(() => `/conversations/${IBANS_ID}`, true),
    },
  },
  {
    name: 'PutConversation of 15 MiB, 20 concurrent',
    ...{ atOnce: 20, requests: 20, quickRequests: 20, shoot: put(15, 'put15') },
  },
  {
    name: 'PutConversation of 16 MiB, 50 concurrent',
    ...{ atOnce: 50, requests: 50, quickRequests: 50, shoot: put(15.99, 'put16') },
  },
  {
    name: 'PutRecording of 8 MiB of tiny elements, 6 concurrent',
    ...{ atOnce: 6, requests: 24, quickRequests: 6, shoot: craftedAudio },
  },
  {
    name: 'GetConversationAnalytics of 750 buckets, 50 concurrent',
    ...{
      atOnce: 50,
      requests: 500,
      quickRequests: 200,
      shoot: get(() => `/analytics/conversations?${new URLSearchParams(HOURS)}`),
    },
  },
  {
    name: `SimulateOutboundQueue of ${SIMULATED_CALLS} calls, 20 concurrent`,
    ...{
      atOnce: 20,
      requests: 60,
      quickRequests: 20,
      shoot: post('/queues/outbound/simulate', { Hours: 168 }),
    },
  },
  {
    name: 'GetConversation of 15 MiB, 100 concurrent',
    ...{
      atOnce: 100,
      requests: 226,
      quickRequests: 100,
      shoot: get((index) => `/conversations/${largeId(index)}`),
    },
  },
  {
    name: 'GetConversation of 15 MiB, masked, 20 concurrent',
    ...{
      atOnce: 20,
      requests: 20,
      quickRequests: 10,
      shoot: get((index) => `/conversations/${largeId(index)}`, true),
    },
  },
  {
    name: 'GetConversations with transcripts of 4 × 15 MiB, 10 concurrent',
    ...{
      atOnce: 10,
      requests: 20,
      quickRequests: 10,
      shoot: post('/conversations', {
        Limit: 4,
        Include: ['Messages', 'Logs'],
        Filter: {
          StartStartedDate: '2026-01-15T14:00:00Z',
          EndStartedDate: '2026-01-15T15:00:00Z',
        },
      }),
    },
  },
];
