import { type OpName, ops, WEBHOOK_EVENTS } from '@colloquy/wire';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { dispatchChanges } from '../../packages/server/src/webhooks/events/dispatch.ts';
import { vapiConnection, vapiReport } from '../fixtures/connections.ts';
import { silence } from '../fixtures/kept-calls.ts';
import { startTestServer, type TestServer } from '../servers/test-server.ts';

const DIGITS = '4915112345678';
const NUMBER = `+${DIGITS}`;
const SECRETS = ['15112345678', '4111111111111111', 'ada@example.com', 'Lovelace'];
const SESSION = `call-${DIGITS}`;
const QUEUE = `queue-${DIGITS}`;
const CAMPAIGN = `campaign-${DIGITS}`;
const TEXT = `${NUMBER} 4111111111111111 ada@example.com`;
const T = '2026-02-27T12:00:00Z';

let server: TestServer;
let businessId: number;
let masked: TestServer['admin'];
const opaque = {
  session: '',
  queue: '',
  inbound: '',
  campaign: '',
  person: '',
  hold: '',
  webhook: '',
  connection: '',
  delivery: '',
};

beforeAll(async () => {
  server = await startTestServer();
  businessId = await server.newBusiness();
  masked = await server.newClient(businessId, {
    'Conversations.ConversationPermissions': ['Full'],
    MakeCall: ['Full'],
    Settings: ['Full'],
    People: ['Full'],
  });
  const Categories = ['PHONE', 'EMAIL', 'CARD', 'NAME'] as const;
  await server.admin.putRedaction({ businessId, Categories: [...Categories] });
  await seed();
  const { Items } = await masked.getConversations({ businessId });
  opaque.session = Items[0]?.Id ?? '';
  opaque.person = Items[0]?.Clients[0]?.ClientId ?? '';
  const [outbound] = (await masked.getOutboundQueues({ businessId })).Items;
  opaque.queue = outbound?.QueueId ?? '';
  opaque.campaign = outbound?.CampaignId ?? '';
  opaque.inbound = (await masked.getInboundQueues({ businessId })).Items[0]?.QueueId ?? '';
  opaque.hold = (await masked.getHolds({ businessId })).Items[0]?.HoldId ?? '';
  opaque.webhook = (await masked.getWebhooks({ businessId })).Items[0]?.WebhookId ?? '';
  opaque.connection = (await masked.getConnections({ businessId })).Items[0]?.ConnectionId ?? '';
  opaque.delivery = (await masked.getConnectionDeliveries(connection())).Items[0]?.DeliveryId ?? '';
  await dispatchChanges(server.app.ctx, businessId, { looksAtUploads: true });
});
afterAll(() => server[Symbol.asyncDispose]());

/** Stores a secret in every field that may contain one. */
async function seed(): Promise<void> {
  const { admin } = server;
  await admin.createWebhook({
    ...{ businessId, Url: 'https://example.com/', Events: [...WEBHOOK_EVENTS], Description: TEXT },
  });
  const { send, assemble } = await vapiConnection(server, businessId);
  const messages = [{ role: 'user', message: TEXT, secondsFromStart: 1, metadata: { a: TEXT } }];
  const report = {
    ...{ type: TEXT, endedReason: TEXT, [NUMBER]: TEXT, analysis: { summary: TEXT } },
    customer: { number: NUMBER, name: 'Ada Lovelace', email: 'ada@example.com' },
    artifact: { messages, transcript: `Ada Lovelace: ${TEXT}` },
  };
  await send(vapiReport(NUMBER, report, { assistantId: 'ada@example.com' }));
  await assemble();
  for (const sessionId of [SESSION, `${SESSION}-2`]) {
    await admin.putConversation({
      ...{ businessId, sessionId, QueueId: QUEUE, Status: 'Completed', InitiationType: 'Web' },
      ...{ StartTime: T, EndTime: T, EndType: 'Normal', EndReason: TEXT },
      Source: { Provider: 'carrier', ProviderCallId: NUMBER },
      Metadata: { [NUMBER]: TEXT, n: Number(DIGITS) },
      Clients: [
        {
          ...{ ClientId: NUMBER, ClientType: 'Phone', JoinedAt: T, LeaveReason: TEXT },
          ...{ PhoneNumber: NUMBER, Name: 'Ada Lovelace' },
        },
      ],
      Agents: [{ AgentId: 'ada@example.com', AgentType: 'AI', JoinedAt: T, Name: 'Lovelace' }],
      Messages: [
        {
          ...{ SenderId: NUMBER, Role: 'Tool', Content: TEXT, Timestamp: T },
          ToolCall: { CallId: NUMBER, Name: NUMBER, Arguments: { a: TEXT }, Result: TEXT },
        },
      ],
      Logs: [{ Level: 'Info', Message: TEXT, Timestamp: T, Source: NUMBER, Details: { a: TEXT } }],
    } as never);
  }
  await admin.putRecording({
    ...{ businessId, sessionId: SESSION, participantId: NUMBER },
    ...{ audio: silence(), contentType: 'audio/wav' },
  } as never);
  await admin.putCampaign({ businessId, campaignId: CAMPAIGN, Name: TEXT });
  for (const Recipient of [NUMBER, '+4915187654321']) {
    await admin.initiateCall({
      ...{ businessId, CampaignId: CAMPAIGN, NumberId: NUMBER, NumberProvider: NUMBER },
      ...{ RecipientNumber: Recipient, DynamicVariables: { a: TEXT }, Metadata: { a: TEXT } },
    });
  }
  const received = { NumberId: NUMBER, RouteId: NUMBER, CallerNumber: NUMBER, Provider: NUMBER };
  await admin.receiveCall({ businessId, ...received, ProviderCallId: NUMBER });
  await admin.addDoNotCall({ businessId, Numbers: ['+4915187654321'] });
  const SessionIds = [SESSION];
  await admin.createHold({ businessId, Name: TEXT, Reason: TEXT, SessionIds });
  await admin.putRetention({
    businessId,
    Rules: [
      { Name: TEXT, Match: { CampaignIds: [CAMPAIGN], Metadata: { n: NUMBER } }, RecordDays: 9999 },
    ],
  });
  const PhoneNumber = '+4915199999999';
  await admin.createErasure({ businessId, PhoneNumber, Mode: 'Erase', Reason: TEXT });
}

type Ask = () => Promise<unknown>;
async function firstEvents(stream: AsyncIterable<unknown>) {
  const events: unknown[] = [];
  for await (const event of stream) if (events.push(event) === 3) break;
  return events;
}
const here = () => ({ businessId });
const session = () => ({ businessId, sessionId: opaque.session });
const outbound = () => ({ businessId, queueId: opaque.queue });
const inbound = () => ({ businessId, queueId: opaque.inbound });
const webhook = () => ({ businessId, webhookId: opaque.webhook });
const connection = () => ({ businessId, connectionId: opaque.connection });
const delivery = () => ({ ...connection(), deliveryId: opaque.delivery });

const WORKER = 'a worker is given the numbers that it calls';
const NOBODY = 'it tells nothing of conversations, calls or persons';
const REFUSED = 'refused to a masked key, see masking-oracles.test.ts';
const DESTROYS = 'it answers with nothing but the id that was given';

/** How a masked key calls each operation, or why it needs not. */
const ASKED: Readonly<Record<OpName, Ask | string>> = {
  GetConversations: () =>
    masked.getConversations({ ...here(), Include: ['Messages', 'Logs'], Limit: 1 }),
  GetConversation: () => masked.getConversation(session()),
  PutConversation: async () =>
    masked.putConversation({ ...(await masked.getConversation(session())), ...session() } as never),
  AppendConversationEvents: () =>
    masked.appendConversationEvents({
      ...session(),
      Events: [{ EventId: '1', Type: 'LogAdded', Level: 'Info', Message: 'x', Timestamp: T }],
    }),
  DeleteConversation: () => masked.deleteConversation(session()),
  StreamConversation: () => firstEvents(masked.streamConversation(session())),
  StreamBusiness: () =>
    firstEvents(masked.streamBusiness({ ...here(), Since: '2020-01-01T00:00:00Z' })),
  PutRecording: () =>
    masked.putRecording({
      ...{ ...session(), participantId: opaque.person },
      ...{ audio: silence(), contentType: 'audio/wav' },
    } as never),
  GetRecordingPeaks: () => masked.getRecordingPeaks({ ...session(), participantId: opaque.person }),
  VerifyRecordings: () => masked.verifyRecordings(here()),
  GetOutboundQueues: () => masked.getOutboundQueues({ ...here(), Limit: 1 }),
  CountOutboundQueues: () => masked.countOutboundQueues(here()),
  GetOutboundQueue: () => masked.getOutboundQueue(outbound()),
  GetOutboundQueueHistory: () => masked.getOutboundQueueHistory(outbound()),
  GetInboundQueues: () => masked.getInboundQueues({ ...here(), Limit: 1 }),
  CountInboundQueues: () => masked.countInboundQueues(here()),
  GetInboundQueue: () => masked.getInboundQueue(inbound()),
  GetInboundQueueHistory: () => masked.getInboundQueueHistory(inbound()),
  InitiateCall: () =>
    masked.initiateCall({ ...here(), NumberId: 'n', RecipientNumber: '+4930000001' }),
  CancelOutboundQueue: () => masked.cancelOutboundQueue(outbound()),
  RescheduleOutboundQueue: () => masked.rescheduleOutboundQueue({ ...outbound(), Schedule: {} }),
  SimulateOutboundQueue: () => masked.simulateOutboundQueue(here()),
  GetCampaigns: () => masked.getCampaigns(here()),
  GetCampaign: () => masked.getCampaign({ ...here(), campaignId: opaque.campaign }),
  PutCampaign: () => masked.putCampaign({ ...here(), campaignId: opaque.campaign }),
  GetDoNotCall: () => masked.getDoNotCall(here()),
  AddDoNotCall: REFUSED,
  RemoveDoNotCall: REFUSED,
  LeaseOutboundCalls: WORKER,
  HeartbeatOutboundCall: WORKER,
  CompleteOutboundCall: WORKER,
  FailOutboundCall: WORKER,
  ReceiveCall: WORKER,
  LeaseInboundCalls: WORKER,
  HeartbeatInboundCall: WORKER,
  CompleteInboundCall: WORKER,
  FailInboundCall: WORKER,
  GetConversationAnalytics: () => masked.getConversationAnalytics(here()),
  GetQueueAnalytics: () => masked.getQueueAnalytics(here()),
  CreateWebhook: () =>
    masked.createWebhook({ ...here(), Url: 'https://example.com', Events: ['queue.failed'] }),
  GetWebhooks: () => masked.getWebhooks(here()),
  GetWebhook: () => masked.getWebhook(webhook()),
  UpdateWebhook: () => masked.updateWebhook({ ...webhook(), Events: [...WEBHOOK_EVENTS] }),
  DeleteWebhook: () => masked.deleteWebhook(webhook()),
  RotateWebhookSecret: () => masked.rotateWebhookSecret(webhook()),
  TestWebhook: () => masked.testWebhook(webhook()),
  GetWebhookDeliveries: async () => {
    const answer = await masked.getWebhookDeliveries(webhook());
    expect(answer.Items.filter(({ Body }) => Body !== null).length).toBeGreaterThan(5);
    return answer;
  },
  ReplayWebhook: () => masked.replayWebhook({ ...webhook(), From: T, To: '2030-01-01T00:00:00Z' }),
  CreateConnection: () =>
    masked.createConnection({ ...here(), Source: 'vapi', Name: 'x', Secrets: { Secret: 'x' } }),
  GetConnections: () => masked.getConnections(here()),
  GetConnection: () => masked.getConnection(connection()),
  UpdateConnection: () => masked.updateConnection({ ...connection(), Name: 'y' }),
  DeleteConnection: () => masked.deleteConnection(connection()),
  RotateConnectionSecret: () =>
    masked.rotateConnectionSecret({ ...connection(), Secrets: { Secret: 'z' } }),
  GetConnectionDeliveries: () => masked.getConnectionDeliveries(connection()),
  GetConnectionDelivery: async () => {
    const answer = await masked.getConnectionDelivery(delivery());
    expect(answer.Body).not.toBeNull();
    return answer;
  },
  RetryConnectionDelivery: () => masked.retryConnectionDelivery(delivery()),
  GetUsage: () => masked.getUsage(here()),
  GetRetention: () => masked.getRetention(here()),
  GetBackfills: () => masked.getBackfills(here()),
  PutRetention: () => masked.putRetention({ ...here(), Rules: [] }),
  PreviewRetention: () => masked.previewRetention({ ...here(), Rules: [] }),
  RunRetention: () => masked.runRetention(here()),
  CreateHold: () =>
    masked.createHold({ ...here(), Name: 'x', Reason: 'x', SessionIds: [opaque.session] }),
  GetHolds: () => masked.getHolds(here()),
  GetHold: () => masked.getHold({ ...here(), holdId: opaque.hold }),
  LiftHold: () => masked.liftHold({ ...here(), holdId: opaque.hold }),
  CreateErasure: REFUSED,
  PreviewErasure: REFUSED,
  GetErasurePreview: REFUSED,
  GetErasures: () => masked.getErasures(here()),
  GetErasure: async () => {
    const { Items } = await masked.getErasures(here());
    return masked.getErasure({ ...here(), erasureId: Items[0]?.ErasureId ?? '' });
  },
  GetRedaction: () => masked.getRedaction(here()),
  PutRedaction: DESTROYS,
  GetRedactions: REFUSED,
  AddRedactions: REFUSED,
  GetAudit: () => masked.getAudit({ ...here(), Limit: 100 }),
  GetAuditChain: () => masked.getAuditChain(here()),
  GetAuditHeads: () => masked.getAuditHeads(here()),
  GetAuditSettings: () => masked.getAuditSettings(here()),
  PutAuditSettings: () => masked.putAuditSettings({ ...here(), LogReads: false }),
  GetSignInOptions: NOBODY,
  SignIn: NOBODY,
  GetSession: NOBODY,
  SignOut: NOBODY,
  ChangePassword: NOBODY,
  UpdateProfile: NOBODY,
  GetInvitation: NOBODY,
  AcceptInvitation: NOBODY,
  CreateSignInLink: NOBODY,
  GetMyBusinesses: () => masked.getMyBusinesses({}),
  GetBusiness: () => masked.getBusiness(here()),
  PatchBusiness: NOBODY,
  GetMembers: () => masked.getMembers(here()),
  PutMember: NOBODY,
  RemoveMember: NOBODY,
  CreateInvitation: NOBODY,
  GetInvitations: () => masked.getInvitations(here()),
  RevokeInvitation: NOBODY,
  GetBusinessApiKeys: () => masked.getBusinessApiKeys(here()),
  CreateBusinessApiKey: NOBODY,
  RevokeBusinessApiKey: NOBODY,
  CreateUser: NOBODY,
  UpdateUser: NOBODY,
  ListUsers: NOBODY,
  CreateBusiness: NOBODY,
  UpdateBusiness: NOBODY,
  ListBusinesses: NOBODY,
  ListUsage: NOBODY,
  CreateApiKey: NOBODY,
  RevokeApiKey: NOBODY,
  ListApiKeys: NOBODY,
  CreateBackup: 'only an admin of the installation may take one',
} satisfies Record<OpName, Ask | string>;

/** An answer as text, with all base64 in it decoded. */
function spelledOut(answer: unknown): string {
  const text = JSON.stringify(answer) ?? '';
  const encoded = text.match(/[A-Za-z0-9_+/-]{8,}/g) ?? [];
  return [text, ...encoded.map((part) => Buffer.from(part, 'base64url').toString('latin1'))].join(
    '\n',
  );
}

const calledOperations = Object.entries(ASKED).flatMap(([name, ask]) =>
  typeof ask === 'string' ? [] : [[name, ask] as const],
);

test('every operation is called by a masked key or states a reason why not', () => {
  expect(Object.keys(ASKED).sort()).toEqual(Object.keys(ops).sort());
});

test.each(calledOperations.filter(([name]) => !/^(Delete|Lift|Cancel)/.test(name)))(
  '%s returns no masked value to a masked key, in clear or in base64',
  async (_, ask) => {
    const answer = await ask().catch((error: { status: number; message: string }) => ({
      status: error.status,
      message: error.message,
    }));
    expect(answer).not.toMatchObject({ status: 500 });
    const text = spelledOut(answer);
    for (const secret of SECRETS) expect([secret, text.includes(secret)]).toEqual([secret, false]);
  },
);

test.each(calledOperations.filter(([name]) => /^(Cancel|Delete|Lift)/.test(name)))(
  '%s returns no masked value to a masked key when it changes data',
  async (_, ask) => {
    const answer = await ask().catch((error: { message: string }) => error.message);
    const text = spelledOut(answer);
    for (const secret of SECRETS) expect([secret, text.includes(secret)]).toEqual([secret, false]);
  },
);
