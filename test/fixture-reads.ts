import { createHash } from 'node:crypto';
import { type Client, ColloquyError, type OpName } from '@colloquy/sdk';
import { type Op, ops } from '@colloquy/wire';
import type { Facts } from './fixtures/data-people.ts';

/** Answers by operation, and there by who read and what was given. */
export type Answers = Record<string, Record<string, unknown>>;

/** Operations that POST and are no reads, and reads that cannot be compared; each with the reason. */
export const NOT_COMPARED = {
  AppendConversationEvents: 'it writes',
  InitiateCall: 'it writes',
  CancelOutboundQueue: 'it writes',
  RescheduleOutboundQueue: 'it writes',
  AddDoNotCall: 'it writes',
  LeaseOutboundCalls: 'it takes calls',
  HeartbeatOutboundCall: 'it writes',
  CompleteOutboundCall: 'it writes',
  FailOutboundCall: 'it writes',
  ReceiveCall: 'it writes',
  LeaseInboundCalls: 'it takes calls',
  HeartbeatInboundCall: 'it writes',
  CompleteInboundCall: 'it writes',
  FailInboundCall: 'it writes',
  RunRetention: 'it purges',
  CreateHold: 'it writes',
  CreateErasure: 'it writes',
  PreviewErasure: 'it writes',
  GetErasurePreview: 'it is not kept',
  AddRedactions: 'it writes',
  SignIn: 'it starts a session',
  AcceptInvitation: 'it writes',
  CreateSignInLink: 'it writes',
  CreateInvitation: 'it writes',
  CreateBusinessApiKey: 'it writes',
  CreateUser: 'it writes',
  CreateBusiness: 'it writes',
  CreateApiKey: 'it writes',
  CreateBackup: 'it adds to the audit log, and its archive differs each time',
} as const satisfies Partial<Record<OpName, string>>;

/** The operations whose answers must be recorded. */
export const READS = Object.values<Op>(ops)
  .filter(({ method }) => method === 'GET' || method === 'POST')
  .map(({ name }) => name)
  .filter((name) => !(name in NOT_COMPARED));

const methodOf = (name: string) => name.charAt(0).toLowerCase() + name.slice(1);
const AT_ONCE = 6;

/** Reads as several callers, and keeps what it is answered. */
export class Recorder {
  readonly answers: Answers = {};
  readonly #clients: Record<string, Client>;
  readonly #audio = new Map<string, Promise<string>>();

  constructor(clients: Record<string, Client>) {
    this.#clients = clients;
  }

  /** What a caller is answered, which may be a failure. */
  async read(
    name: OpName,
    as: string,
    input: object = {},
    label = JSON.stringify(input),
  ): Promise<unknown> {
    const client = this.#clients[as] as unknown as Record<
      string,
      (input: object) => Promise<unknown>
    >;
    const answer = await client[methodOf(name)]?.(input).catch((error: unknown) => {
      if (!(error instanceof ColloquyError)) throw error;
      const { status: Status, code: Code, message: Message } = error;
      return { Status, Code, Message };
    });
    const kept = await this.#normalise(answer);
    this.answers[name] ??= {};
    this.answers[name][`${as} ${label}`] = kept;
    return answer;
  }

  /** Some reads at once: none of these changes what another one is answered. */
  async readAll(name: OpName, callers: readonly string[], inputs: readonly object[]) {
    const reads = inputs.flatMap((input) => callers.map((as) => ({ as, input })));
    for (let first = 0; first < reads.length; first += AT_ONCE) {
      const some = reads.slice(first, first + AT_ONCE);
      await Promise.all(some.map(({ as, input }) => this.read(name, as, input)));
    }
  }

  /** All pages of a list; the items of the first caller's pages. */
  async readPages(name: OpName, as: string, input: object): Promise<Record<string, unknown>[]> {
    const items: Record<string, unknown>[] = [];
    let NextCursor: string | null = null;
    let number = 1;
    do {
      const given = { ...input, ...(NextCursor !== null && { NextCursor }) };
      const label = `${JSON.stringify(input)} page ${number}`;
      const page = (await this.read(name, as, given, label)) as {
        Items?: Record<string, unknown>[];
        NextCursor?: string | null;
      };
      number += 1;
      items.push(...(page.Items ?? []));
      NextCursor = page.NextCursor ?? null;
    } while (NextCursor !== null);
    return items;
  }

  /**
   * A signed URL depends on the time; what it gives does not. A cursor is opaque, and has a random part.
   */
  async #normalise(value: unknown): Promise<unknown> {
    if (Array.isArray(value)) return Promise.all(value.map((item) => this.#normalise(item)));
    if (typeof value !== 'object' || value === null) return value;
    const entries = Object.entries(value).map(async ([key, item]) => {
      if (typeof item !== 'string') return [key, await this.#normalise(item)];
      if (key === 'AudioUrl') return [key, await this.#describeAudio(item)];
      return [key, /^(Next|Previous)Cursor$/.test(key) ? 'a cursor' : item];
    });
    return Object.fromEntries(await Promise.all(entries));
  }

  #describeAudio(url: string): Promise<string> {
    const known = this.#audio.get(url) ?? describeAudio(url);
    this.#audio.set(url, known);
    return known;
  }
}

async function describeAudio(url: string): Promise<string> {
  const response = await fetch(url);
  const bytes = Buffer.from(await response.arrayBuffer());
  const hash = createHash('sha256').update(bytes).digest('hex');
  return `${response.status} ${response.headers.get('content-type')}, ${bytes.length} bytes, SHA-256 ${hash}`;
}

const RANGE = { From: '2025-10-01T00:00:00Z', To: '2026-12-05T00:00:00Z' };

/** Performs every read of the API on the data of the fixture. */
export async function readEverything(recorder: Recorder, facts: Facts): Promise<Answers> {
  const { main, logged, bare, disabled } = facts.businesses;
  // First, since reads of content are in the audit log of `logged` afterwards.
  for (const businessId of [main, logged, bare, disabled]) await readAudit(recorder, businessId);
  await readInstallation(recorder, facts);
  for (const businessId of [main, logged, bare, disabled]) {
    const callers = ['admin', 'masked', 'viewer'];
    await readSettings(recorder, businessId, callers);
    const erased = businessId === main ? facts : { erasedSessions: [], erasedCalls: [] };
    await readConversations(recorder, businessId, callers, erased.erasedSessions);
    await readCalls(recorder, businessId, callers, erased.erasedCalls);
    await readAnalytics(recorder, businessId);
  }
  return recorder.answers;
}

async function readAudit(recorder: Recorder, businessId: number): Promise<void> {
  await recorder.readPages('GetAudit', 'admin', { businessId, Limit: 100 });
  for (const Filter of [
    { Actions: ['ConversationErased', 'ConversationPurged', 'ContentRead'] },
    { SubjectId: 'to-delete' },
    { UserId: 'system' },
    { From: '2026-01-01T00:00:00Z', To: '2026-02-01T00:00:00Z' },
  ]) {
    await recorder.read('GetAudit', 'admin', { businessId, Filter });
  }
  await recorder.readPages('GetAuditChain', 'admin', { businessId, Limit: 500 });
  await recorder.readPages('GetAuditHeads', 'admin', { businessId });
  await recorder.readAll('GetAuditSettings', ['admin', 'viewer'], [{ businessId }]);
}

async function readInstallation(recorder: Recorder, { keys, tokens }: Facts): Promise<void> {
  const everybody = ['admin', 'nobody', ...Object.keys(keys)];
  await recorder.readAll('GetSession', everybody, [{}]);
  await recorder.readAll('GetMyBusinesses', everybody, [{}]);
  await recorder.read('GetMyBusinesses', 'admin', { Search: 'exa' });
  await recorder.readAll('GetSignInOptions', ['nobody', 'admin'], [{}]);
  for (const Token of [...Object.values(tokens), 'unknown']) {
    await recorder.read('GetInvitation', 'nobody', { Token });
  }
  for (const name of ['ListUsers', 'ListBusinesses', 'ListApiKeys'] as const) {
    await recorder.readPages(name, 'admin', { Limit: 5 });
    await recorder.read(name, 'owner');
  }
}

async function readSettings(
  recorder: Recorder,
  businessId: number,
  callers: readonly string[],
): Promise<void> {
  const here = { businessId };
  for (const name of [
    'GetBusiness',
    'GetMembers',
    'GetInvitations',
    'GetBusinessApiKeys',
    'GetRetention',
    'GetRedaction',
    'GetBackfills',
  ] as const) {
    await recorder.readAll(name, callers, [here]);
  }
  const none = { RecordingDays: null, TranscriptDays: null, LogDays: null, RecordDays: null };
  await recorder.readAll('PreviewRetention', callers, [
    { ...here, Rules: [] },
    { ...here, Rules: [{ ...none, Name: 'all', Match: {}, TranscriptDays: 5, RecordDays: 20 }] },
  ]);
  await recorder.readPages('VerifyRecordings', 'admin', here);
  const holds = await recorder.readPages('GetHolds', 'admin', here);
  const holdIds = [...holds.map(({ HoldId }) => HoldId), 'hold_unknown'];
  await recorder.readAll(
    'GetHold',
    callers,
    holdIds.map((holdId) => ({ ...here, holdId })),
  );
  const erasures = await recorder.readPages('GetErasures', 'admin', here);
  const erasureIds = [...erasures.map(({ ErasureId }) => ErasureId), 'erasure_unknown'];
  const named = erasureIds.map((erasureId) => ({ ...here, erasureId }));
  await recorder.readAll('GetErasure', callers, named);
}

async function readConversations(
  recorder: Recorder,
  businessId: number,
  callers: readonly string[],
  erasedSessions: readonly string[],
): Promise<void> {
  const here = { businessId };
  const found = await recorder.readPages('GetConversations', 'admin', { ...here, Limit: 5 });
  await recorder.readAll('GetConversations', callers, [
    { ...here, Limit: 100, Include: ['Messages', 'Logs'] },
    ...[
      { SessionStates: ['Completed'] },
      { SessionStates: ['Active', 'Paused', 'Created'] },
      { SessionInitiationTypes: ['Telephony'] },
      { SessionEndTypes: ['Transferred', 'UserEndedCall'] },
      { DurationsFromSeconds: [60, 300] },
      { StartStartedDate: '2026-10-15T00:00:00Z', EndStartedDate: '2026-11-20T00:00:00Z' },
    ].map((Filter) => ({ ...here, Filter })),
  ]);
  const ids = [...found.map(({ Id }) => String(Id)), ...erasedSessions, 'unknown'];
  const named = ids.map((sessionId) => ({ ...here, sessionId }));
  await recorder.readAll('GetConversation', callers, named);
  await recorder.readAll('GetRedactions', callers, named);
  const recorded = found.flatMap(({ Id, Recordings = [] }) =>
    (Recordings as { ParticipantId: string | null }[]).map(({ ParticipantId }) => ({
      ...here,
      sessionId: String(Id),
      participantId: ParticipantId ?? '_mixed',
    })),
  );
  const peaks = [...recorded, { ...here, sessionId: 'rich', participantId: 'unknown' }];
  await recorder.readAll('GetRecordingPeaks', callers, peaks);
}

async function readCalls(
  recorder: Recorder,
  businessId: number,
  callers: readonly string[],
  erasedCalls: readonly string[],
): Promise<void> {
  const here = { businessId };
  const statuses = ['Queued', 'Processing', 'Completed', 'Failed', 'Canceled', 'Expired'];
  const shared = [
    ...statuses.map((status) => ({ QueueStatusTypes: [status] })),
    { StartCreatedDate: '2026-01-01T00:00:00Z', EndCreatedDate: '2027-01-01T00:00:00Z' },
    { StartCompletedAtDate: '2026-01-01T00:00:00Z' },
    { IsDue: true as const },
  ];
  const filters = {
    Outbound: [
      ...shared,
      { CampaignIds: ['spring', 'csv'] },
      { CallingNumberProviders: ['twilio'] },
      { CallingNumberIds: ['number_1'] },
      { StartScheduledDate: '2029-01-01T00:00:00Z' },
      { RecipientNumbers: ['+493077701'] },
    ],
    Inbound: [...shared, { RouteIds: ['sales'] }, { RouteNumberProviders: ['twilio'] }],
  };
  for (const kind of ['Outbound', 'Inbound'] as const) {
    const list = `Get${kind}Queues` as const;
    const found = await recorder.readPages(list, 'admin', { ...here, Limit: 5 });
    await recorder.readAll(list, callers, [
      { ...here, Limit: 100 },
      ...filters[kind].map((Filter) => ({ ...here, Filter })),
    ]);
    const counts = [{}, ...filters[kind]].map((filter) => ({ ...here, ...filter }));
    await recorder.readAll(`Count${kind}Queues`, callers, counts);
    const erased = kind === 'Outbound' ? erasedCalls : [];
    const ids = [...found.map(({ QueueId }) => QueueId), ...erased, 'queue_unknown'];
    const named = ids.map((queueId) => ({ ...here, queueId }));
    await recorder.readAll(`Get${kind}Queue`, callers, named);
    await recorder.readAll(`Get${kind}QueueHistory`, callers, named);
  }
  const simulations = [here, { ...here, Hours: 72, CallSeconds: 600, CampaignIds: ['spring'] }];
  await recorder.readAll('SimulateOutboundQueue', callers, simulations);
  const campaigns = await recorder.readPages('GetCampaigns', 'admin', here);
  await recorder.readAll('GetCampaigns', callers, [here]);
  const campaignIds = [...campaigns.map(({ CampaignId }) => CampaignId), 'unknown'];
  const named = campaignIds.map((campaignId) => ({ ...here, campaignId }));
  await recorder.readAll('GetCampaign', callers, named);
  await recorder.readAll('GetDoNotCall', callers, [here, { ...here, StartsWith: '+49' }]);
}

async function readAnalytics(recorder: Recorder, businessId: number): Promise<void> {
  const ranges = [
    { businessId },
    { businessId, ...RANGE, Bucket: 'Month' },
    { businessId, ...RANGE, Bucket: 'Week', TimeZone: 'Asia/Kathmandu' },
    { businessId, From: '2026-11-01T00:00:00Z', To: '2026-11-30T00:00:00Z', Bucket: 'Day' },
    { businessId, Bucket: 'Hour' },
  ];
  await recorder.readAll('GetConversationAnalytics', ['admin', 'masked'], ranges);
  const queues = ranges.flatMap((range) => [range, { ...range, Direction: 'Inbound' }]);
  await recorder.readAll('GetQueueAnalytics', ['admin', 'masked'], queues);
}
