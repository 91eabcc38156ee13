import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { callActions, tablesContaining } from '../fixtures/kept-calls.ts';
import { startTestServer, type TestServer } from '../servers/test-server.ts';

let server: TestServer;
let businessId: number;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server[Symbol.asyncDispose]());
beforeEach(async () => {
  businessId = await server.newBusiness();
});
const { finished, read, ...actions } = callActions(() => ({ server, businessId }));

const NUMBER = '+12127365011';
const ERASED = '[ERASED]';

/** Callers that begin with another number, and the text after the erasure. */
const CALLERS: readonly (readonly [stored: string, left: string])[] = [
  ['+12127365012 (+12127365011)', `+12127365012 (${ERASED})`],
  ['+12127365012, 12127365011', `+12127365012, ${ERASED}`],
  ['+12127365012/212-736-5011', `+12127365012/${ERASED}`],
  ['+12127365012 | 0012127365011 | +12127365013', `+12127365012 | ${ERASED} | +12127365013`],
  ['+12127365012 12127365011', `+12127365012 ${ERASED}`],
  ['+12127365011 +12127365012', `${ERASED} +12127365012`],
  ['+12127365011-+12127365012', `${ERASED}-+12127365012`],
  [
    '<sip:+12127365012@h;user=phone>;via=+12127365011',
    `<sip:+12127365012@h;user=phone>;via=${ERASED}`,
  ],
  ['"Bob (+12127365011)" <sip:+12127365012@h>', `"Bob (${ERASED})" <sip:+12127365012@h>`],
  ['tel:+12127365012;ext=5;cic=+1-212-736-5011', `tel:+12127365012;ext=5;cic=${ERASED}`],
  ['sip:+12127365012@h?Diversion=%2B12127365011', `sip:+12127365012@h?Diversion=${ERASED}`],
  ['+12127365012 (+١ ٢١٢ ٧٣٦ ٥٠١١)', `+12127365012 (${ERASED})`],
  [
    'anonymous (+12127365011) for +12127365012 +12127365013',
    `anonymous (${ERASED}) for +12127365012 +12127365013`,
  ],
  ['12127365012 - 2127365011', `12127365012 - ${ERASED}`],
  ['+12127365012 \u2192 212-736-5011', `+12127365012 \u2192 ${ERASED}`],
  ['1001 (212-736-5011)', `1001 (${ERASED})`],
  ['+12127365012 @ 12127365011', `+12127365012 @ ${ERASED}`],
  ['12127365012#12127365011', `12127365012#${ERASED}`],
  [' +12127365012 (+12127365011) ', ` +12127365012 (${ERASED}) `],
];
const OTHERS = [
  'sip:12127365011@h',
  '+12127365012 (+12127365013)',
  'room-12127365011',
  '5 12127365011',
  '+12127365012 (+4412127365011)',
];

async function receive(CallerNumber: string) {
  const { QueueId } = await server.admin.receiveCall({
    ...{ businessId, CallerNumber, NumberId: 'n', Provider: 'p' },
    ProviderCallId: `call of ${Buffer.from(CallerNumber).toString('hex')}`,
  });
  return QueueId;
}

const erase = (more: object = {}) => actions.erase({ PhoneNumber: NUMBER, ...more });

describe('erasures by phone number', () => {
  test.each(['Erase', 'Anonymise'] as const)(
    'an erasure replaces the number after another one in callers and their history (%s)',
    async (Mode) => {
      const calls: [id: string, left: string][] = [];
      for (const [stored, left] of CALLERS) calls.push([await receive(stored), left]);
      for (const other of OTHERS) calls.push([await receive(other), other]);
      const { Counts, Status } = await erase({ Mode });
      expect([Status, Counts.QueueEntries]).toEqual(['Completed', 0]);
      for (const [queueId, left] of calls) {
        const call = await server.admin.getInboundQueue({ businessId, queueId });
        expect(call.CallerNumber).toBe(left);
        expect(JSON.stringify(call)).not.toContain('+12127365011');
      }
      for (const spelling of ['+12127365011', '(+12127365011', '+1-212-736-5011', '٥٠١١']) {
        expect([spelling, await tablesContaining(server, businessId, spelling)]).toEqual([
          spelling,
          [],
        ]);
      }
    },
  );

  test('an erasure keeps the E.164 form of the first number of a caller and audits the change', async () => {
    const queueId = await receive('<sip:+12127365012@h>;via=+12127365011');
    const { ErasureId } = await erase();
    const call = await server.admin.getInboundQueue({ businessId, queueId });
    expect(call.CallerE164).toBe('+12127365012');
    const { Items } = await server.admin.getAudit({
      ...{ businessId, Filter: { Actions: ['CallMentionErased'] } },
    });
    expect(Items).toEqual([
      expect.objectContaining({ SubjectId: queueId, Details: { ErasureId } }),
    ]);
  });

  test('a legal hold that blocks the erasure keeps the caller unchanged', async () => {
    const queueId = await receive('+12127365012 (+12127365011)');
    const sessionId = await finished(1, {
      Clients: [{ ClientId: NUMBER, ClientType: 'Phone', JoinedAt: '2026-01-01T00:00:00Z' }],
    });
    await server.admin.createHold({
      ...{ businessId, Name: 'case', Reason: 'asked', SessionIds: [sessionId] },
    });
    expect((await erase()).Status).toBe('Blocked');
    const call = await server.admin.getInboundQueue({ businessId, queueId });
    expect(call.CallerNumber).toBe('+12127365012 (+12127365011)');
  });

  test('an erasure replaces the number in stored answers for an Idempotency-Key', async () => {
    const body = {
      businessId,
      NumberId: 'n',
      Recipients: [
        { RecipientNumber: '+12127365012' },
        { RecipientNumber: NUMBER },
        { RecipientNumber: '+1 (212) 736-5011' },
        { RecipientNumber: '12127365011.0' },
      ],
    };
    const first = await server.admin.initiateCall(body, { idempotencyKey: 'k' });
    await erase();
    expect(await tablesContaining(server, businessId, '2127365011')).toEqual([]);
    const again = await server.admin.initiateCall(body, { idempotencyKey: 'k' });
    expect(again.QueueIds).toEqual(first.QueueIds);
    expect(JSON.stringify(again)).not.toContain('7365011');
  });

  test.each(['Erase', 'Anonymise'] as const)(
    'an erasure replaces the number in other texts of calls only with IncludeMentions (%s)',
    async (Mode) => {
      const { QueueIds } = await server.admin.initiateCall({
        ...{ businessId, NumberId: 'n', RecipientNumber: '+12127365012' },
        DynamicVariables: { referrer: NUMBER, name: 'Bob', parts: ['212', '736', '5011'] },
        Metadata: { back: 12127365011, both: '+12127365012 (+12127365011)', n: 1.5 },
      });
      const queueId = QueueIds[0] ?? '';
      const Reason = 'ask two one two seven three six five oh one one';
      await server.admin.cancelOutboundQueue({ businessId, queueId, Reason });
      const before = await server.admin.getOutboundQueue({ businessId, queueId });
      await erase({ Mode });
      expect(await server.admin.getOutboundQueue({ businessId, queueId })).toEqual(before);
      await erase({ Mode, IncludeMentions: true });
      expect(await server.admin.getOutboundQueue({ businessId, queueId })).toEqual({
        ...before,
        DynamicVariables: { referrer: ERASED, name: 'Bob', parts: [ERASED, '', ''] },
        Metadata: { back: ERASED, both: `+12127365012 (${ERASED})`, n: 1.5 },
        LastReason: `ask ${ERASED}`,
      });
      const { Entries } = await server.admin.getOutboundQueueHistory({ businessId, queueId });
      expect(Entries.at(-1)).toMatchObject({
        Reason: `ask ${ERASED}`,
        Details: expect.stringContaining(`ask ${ERASED}`),
      });
      for (const text of ['2127365011', 'one one', '"736"']) {
        expect([text, await tablesContaining(server, businessId, text)]).toEqual([text, []]);
      }
      const { Items } = await server.admin.getAudit({
        ...{ businessId, Filter: { Actions: ['CallMentionErased'] } },
      });
      expect(Items).toMatchObject([{ SubjectId: queueId }]);
    },
  );

  test('an erasure with IncludeMentions replaces a second number in participant ids', async () => {
    const JoinedAt = '2026-01-01T00:00:00Z';
    const sessionId = await finished(1, {
      Clients: [{ ClientId: '+12127365012:+12127365011', ClientType: 'Phone', JoinedAt }],
      Agents: [{ AgentId: '+12127365011_+12127365012', AgentType: 'AI', JoinedAt }],
    });
    await erase({ IncludeMentions: true });
    const { Clients, Agents } = await read(sessionId);
    expect(Clients[0]?.ClientId).toBe('+12127365012:erased');
    expect(Agents[0]?.AgentId).toBe('erased_+12127365012');
    expect(await tablesContaining(server, businessId, '2127365011')).toEqual([]);
  });
});
