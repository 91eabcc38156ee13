import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { PutConversationBody } from '../../packages/wire/src/conversations/conversation-schemas.ts';
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
});

/** Fields that masked readers get unchanged, and the reason. */
const UNMASKED: Record<string, string> = {
  'Messages[].Words[].StartMs': 'a time within the recording, which a player needs',
  'Messages[].Words[].EndMs': 'a time within the recording, which a player needs',
  'Messages[].ToolCall.LatencyMs': 'a duration, which charts need',
};

interface Schema {
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly format?: string;
  readonly pattern?: string;
  readonly maximum?: number;
  readonly anyOf?: readonly Schema[];
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly patternProperties?: Readonly<Record<string, Schema>>;
}

const PATH_ID = 'masked-session';
const CONTENT = 'Messages[].Content';

/** A body with a different card number in every field that accepts text or numbers. */
class SecretBody {
  readonly secrets = new Map<string, string>();

  valueOf(schema: Schema, path: string): unknown {
    const [first = schema] = (schema.anyOf ?? [schema]).filter(({ type }) => type !== 'null');
    // Enums, times and booleans cannot contain a number.
    if (first.enum) return first.enum[0];
    if (first.format === 'date-time') return '2026-02-27T12:00:00Z';
    if (first.type === 'boolean') return true;
    if (first.type === 'number') return first.maximum === 1 ? 1 : Number(this.#card(path));
    if (first.type === 'array') return [this.valueOf(first.items ?? {}, `${path}[]`)];
    if (first.type === 'string') return this.#text(path);
    if (first.properties) return this.#object(first.properties, path);
    if (first.patternProperties) return this.#record(first.patternProperties, path);
    return [
      this.#card(path),
      Number(this.#card(`${path} number`)),
      { [this.#card(`${path} key`)]: [`+49151${this.#digits(8, `${path} phone`)}`] },
    ];
  }

  #object(properties: Readonly<Record<string, Schema>>, path: string) {
    const entries = Object.entries(properties).map(([key, schema]) => [
      key,
      this.valueOf(schema, path === '' ? key : `${path}.${key}`),
    ]);
    return Object.fromEntries(entries);
  }

  #record(properties: Readonly<Record<string, Schema>>, path: string) {
    const [[pattern = '', value = {}] = []] = Object.entries(properties);
    const end = pattern.includes('Ms$') ? 'Ms' : '';
    return {
      [`${this.#card(`${path} key`)} ${end}`]: value.type === 'number' ? 5 : 'none',
      [`name${end}`]: this.valueOf(value, `${path} value`),
    };
  }

  #text(path: string): string {
    if (path === 'Id') return PATH_ID;
    // A word is shown if the content contains it.
    if (path === 'Messages[].Words[].Word') return this.secrets.get(CONTENT) ?? '';
    if (path.endsWith('PhoneNumber')) return `+49151${this.#digits(8, path)}`;
    return this.#card(path);
  }

  #card(path: string): string {
    const body = `411111${String(this.secrets.size).padStart(9, '0')}`;
    const sum = [...body].reduce((total, digit, at) => {
      const doubled = at % 2 === 0 ? Number(digit) * 2 : Number(digit);
      return total + (doubled > 9 ? doubled - 9 : doubled);
    }, 0);
    const card = `${body}${(10 - (sum % 10)) % 10}`;
    this.secrets.set(path, card);
    return card;
  }

  #digits(length: number, path: string): string {
    const digits = String(12_345_678 + this.secrets.size * 7).padStart(length, '1');
    this.secrets.set(path, digits);
    return digits;
  }
}

async function put(status: 'Completed' | 'Active') {
  const secret = new SecretBody();
  const body = secret.valueOf(PutConversationBody as Schema, '') as object;
  const live = status === 'Active' ? { EndTime: null, EndType: null } : {};
  const sent = { ...body, ...live, Status: status };
  await server.admin.putConversation({ businessId, sessionId: PATH_ID, ...sent } as never);
  return secret.secrets;
}

async function findUnlistedUnmasked(secrets: ReadonlyMap<string, string>): Promise<string[]> {
  const text = JSON.stringify(await masked.getConversation({ businessId, sessionId: PATH_ID }));
  return [...secrets].flatMap(([path, secret]) =>
    text.includes(secret) && !(path in UNMASKED) ? path : [],
  );
}

const redact = () =>
  server.admin.putRedaction({ businessId, Categories: ['CARD', 'PHONE', 'IBAN', 'EMAIL'] });

test('every field of a conversation that was searched when written is masked', async () => {
  await redact();
  const secrets = await put('Completed');
  expect(secrets.size).toBeGreaterThan(40);
  expect(await findUnlistedUnmasked(secrets)).toEqual([]);
});

test('every field is masked in a conversation that was not searched yet', async () => {
  const secrets = await put('Completed');
  await redact();
  expect(await findUnlistedUnmasked(secrets)).toEqual([]);
});

test('every field of a live conversation is masked', async () => {
  await redact();
  const secrets = await put('Active');
  expect(await findUnlistedUnmasked(secrets)).toEqual([]);
});

test('names and numbers in metrics are masked, and times are not', async () => {
  await redact();
  await server.admin.putConversation({
    businessId,
    sessionId: 'metrics',
    Status: 'Completed',
    StartTime: '2026-02-27T12:00:00Z',
    EndTime: '2026-02-27T12:00:10Z',
    EndType: 'Normal',
    InitiationType: 'Web',
    Messages: [
      {
        SenderId: 'client',
        Role: 'User',
        Content: 'ok',
        Timestamp: '2026-02-27T12:00:00Z',
        Metrics: {
          firstWordMs: 120.5,
          '4111111111111111Ms': 1,
          'ada@example.com Ms': 2,
          cardMs: 4111111111111111,
          phoneMs: 4915112345678,
        },
      },
    ],
  });
  const { Messages } = await masked.getConversation({ businessId, sessionId: 'metrics' });
  expect(Messages[0]?.Metrics).toEqual({ firstWordMs: 120.5, '[CARD]Ms': 1, '[EMAIL] Ms': 2 });
});
