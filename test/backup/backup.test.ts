import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openRestoreTarget, saveBackup } from '../fixtures/backups.ts';
import { callActions, DAY, silence, tablesContaining } from '../fixtures/kept-calls.ts';
import { NumberId, nextNumber, queueActions, wrongCounts } from '../fixtures/queue-actions.ts';
import { until } from '../servers/server-process.ts';
import { startTestServer, type TestServer } from '../servers/test-server.ts';

let server: TestServer;
let businessId: number;
let folder: string;
beforeAll(async () => {
  server = await startTestServer();
  await server.app.work();
  businessId = await server.newBusiness();
  folder = await mkdtemp(join(tmpdir(), 'colloquy-backup-'));
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

const calls = callActions(() => ({ server, businessId }));
const queue = queueActions(() => ({ server, businessId }));
const ledger = () => join(server.app.ctx.config.dataDir, 'ledger');

/** All readable data of a business, without values that differ between servers. */
async function readAll({ admin }: TestServer, businessId: number) {
  const here = { businessId };
  const conversations = await Array.fromAsync(
    admin.items('getConversations', { ...here, Include: ['Messages', 'Logs'], Limit: 100 }),
  );
  const outbound = (await Array.fromAsync(
    admin.items('getOutboundQueues', { ...here, Limit: 100 }),
  )) as {
    QueueId: string;
  }[];
  const histories = await Promise.all(
    outbound.map(({ QueueId: queueId }) => admin.getOutboundQueueHistory({ ...here, queueId })),
  );
  return {
    conversations: JSON.parse(
      JSON.stringify(conversations, (key, value) =>
        key === 'AudioUrl' && value !== null ? 'a URL' : value,
      ),
    ),
    count: (await admin.getConversations({ ...here, Limit: 1 })).TotalCount,
    figures: await admin.getConversationAnalytics({ ...here, Bucket: 'Month' }),
    callFigures: await admin.getQueueAnalytics({ ...here, Bucket: 'Month' }),
    outbound,
    histories,
    outboundCount: await admin.countOutboundQueues(here),
    inboundCount: await admin.countInboundQueues(here),
    campaigns: await Array.fromAsync(admin.items('getCampaigns', here)),
    doNotCall: await Array.fromAsync(admin.items('getDoNotCall', here)),
    retention: await admin.getRetention(here),
    holds: await admin.getHolds(here),
    erasures: await admin.getErasures(here),
    redaction: await admin.getRedaction(here),
    keys: await Array.fromAsync(admin.items('listApiKeys', {})),
    users: await Array.fromAsync(admin.items('listUsers', {})),
    businesses: await Array.fromAsync(admin.items('listBusinesses', {})),
  };
}

async function recordingsOf(server: TestServer, sessionId: string): Promise<string[]> {
  const { Recordings = [] } = await server.admin.getConversation({ businessId, sessionId });
  return Promise.all(
    Recordings.map(async ({ AudioUrl }) => {
      const response = await fetch(String(AudioUrl));
      expect(response.status).toBe(200);
      return Buffer.from(await response.arrayBuffer()).toString('base64');
    }),
  );
}

const RECORDED_AT = '2026-02-26T12:00:04.250Z';

/** Returns the id of a conversation under legal hold, with two recordings. */
async function createEverything(): Promise<string> {
  const here = { businessId };
  const one = await calls.finished(3, { Metadata: { city: 'Köln\t\\N "x"' } });
  await calls.record(one);
  await calls.record(one, '_mixed', 2, RECORDED_AT);
  await calls.finished(40);
  await queue.append('goes-on', queue.started('queue_none'), {
    EventId: 'a',
    Type: 'ClientJoined',
    Timestamp: queue.at(),
    ClientId: 'c',
    ClientType: 'Phone',
  });
  await server.admin.putCampaign({ ...here, campaignId: 'spring', Name: 'Spring' });
  await queue.initiate({ CampaignId: 'spring' });
  await queue.initiate();
  const { QueueId, LeaseToken } = await queue.leaseOne();
  await queue.fail(QueueId, LeaseToken);
  await server.admin.addDoNotCall({ ...here, Numbers: [nextNumber()] });
  await server.admin.receiveCall({
    ...here,
    RouteId: 'r',
    CallerNumber: nextNumber(),
    Provider: 'Twilio',
    ProviderCallId: 'CA1',
    NumberId,
  } as never);
  await server.admin.createHold({ ...here, Name: 'Case', Reason: 'asked', SessionIds: [one] });
  const rule = { Name: 'all', Match: {}, RecordingDays: null, LogDays: null, RecordDays: 365 };
  await server.admin.putRetention({ ...here, Rules: [{ ...rule, TranscriptDays: 30 }] });
  await server.admin.runRetention(here);
  await server.admin.putRedaction({ ...here, Categories: ['CARD'] });
  await server.newKey(businessId);
  await calls.finished(2);
  await server.admin.deleteConversation({ ...here, sessionId: await calls.finished(2) });
  return one;
}

test('a backup taken during writes restores all data, and the restored server works', async () => {
  const held = await createEverything();
  const recorded = await calls.finished(1);
  await calls.record(recorded);
  const earlier = await readAll(server, businessId);
  // Concurrent writes go to another business, because this one is compared.
  const busy = await server.newBusiness();
  let isSaved = false;
  const writing = (async () => {
    let written = 0;
    for (; !isSaved; written += 1) {
      await server.admin.appendConversationEvents({
        businessId: busy,
        sessionId: `while-${written}`,
        Events: [{ ...queue.started('queue_none') }],
      });
    }
    return written;
  })();
  const file = await saveBackup(server.admin, folder);
  isSaved = true;
  const log = await auditOf(server);
  const [taken] = log.filter(({ Action }) => Action === 'BackupTaken');
  expect(await writing).toBeGreaterThan(0);

  await using target = await openRestoreTarget();
  const { code, stderr, printed } = await target.restore(file, '--ledger', ledger());
  expect({ code, stderr }).toMatchObject({ code: 0 });
  expect(printed).toContain('again: 0 conversations, 0 calls, parts of 0 conversations');
  await using restored = await target.open();
  expect(await auditOf(restored)).toEqual(log.slice(0, (taken?.Number ?? 0) - 1));
  const { businesses, ...rest } = await readAll(restored, businessId);
  const { businesses: _, ...before } = earlier;
  expect(rest).toEqual(before);
  expect(businesses).toHaveLength(2);
  expect(await recordingsOf(restored, held)).toEqual(await recordingsOf(server, held));
  const { Recordings } = await restored.admin.getConversation({ businessId, sessionId: held });
  expect(Recordings?.map(({ StartTime }) => StartTime)).toEqual([RECORDED_AT, undefined]);
  expect(await recordingsOf(restored, recorded)).toEqual([
    Buffer.from(silence()).toString('base64'),
  ]);
  expect(await wrongCounts(restored)).toEqual([]);
  // The restored server works: ids continue, live conversations accept events, jobs run and holds protect.
  expect(await restored.newBusiness()).toBeGreaterThan(busy);
  await restored.admin.appendConversationEvents({
    businessId,
    sessionId: 'goes-on',
    Events: [{ ...queue.ended() }],
  });
  await expect(
    restored.admin.deleteConversation({ businessId, sessionId: held }),
  ).rejects.toMatchObject({ status: 409 });
  await restored.app.work();
  await until(async () => (await jobsOf(restored)) === 0);
});

async function auditOf({ admin }: TestServer) {
  const entries = await Array.fromAsync(admin.items('getAudit', { businessId, Limit: 100 }));
  return entries.reverse();
}

const jobsOf = async ({ sql }: TestServer) =>
  (
    await sql.query(
      `SELECT count(*)::integer AS n FROM graphile_worker.jobs WHERE queue_name <> 'every-minute'`,
    )
  ).rows[0].n as number;

test('data deleted, erased or purged after a backup does not come back with its restore', async () => {
  businessId = await server.newBusiness();
  const here = { businessId };
  const { admin } = server;
  const number = nextNumber();
  const of = (ClientId: string, more: object = {}) => ({
    Clients: [{ ClientId, ClientType: 'Phone', JoinedAt: queue.at(-DAY), ...more }],
    Messages: [
      { SenderId: ClientId, Role: 'User', Content: `word-${ClientId}`, Timestamp: queue.at(-DAY) },
    ],
  });
  const put = async (name: string, daysAgo: number, more: object = {}) => {
    const sessionId = await calls.finished(daysAgo, of(name, more));
    await calls.record(sessionId, name);
    return sessionId;
  };
  const deleted = await put('deleted', 2);
  const erased = await put('erased', 2, { PhoneNumber: number });
  const anonymised = await put('anonymised', 2);
  const purged = await put('purged', 900);
  const partlyPurged = await put('thinned', 100);
  const stays = await put('stays', 2);
  const held = await put('held', 900);
  await admin.createHold({ ...here, Name: 'Case', Reason: 'asked', SessionIds: [held] });
  const erasedCall = await queue.initiate({ RecipientNumber: number });
  const otherCall = await queue.initiate();
  await queue.append('live', queue.started('queue_none'), joined('live'), said('live'));
  const file = await saveBackup(admin, folder);

  await admin.deleteConversation({ ...here, sessionId: deleted });
  await erase({ PhoneNumber: number }, 'Erase');
  await erase({ ClientId: 'anonymised' }, 'Anonymise');
  await queue.append('live', queue.ended());
  const later = await put('later', 2);
  await admin.deleteConversation({ ...here, sessionId: later });
  server.clock.advance(DAY);
  await server.runJob('seal-ended');
  const rule = { Name: 'all', LogDays: null, RecordDays: 365 };
  await admin.putRetention({
    ...here,
    Rules: [
      {
        ...rule,
        Match: { SessionInitiationTypes: ['Outbound'] },
        TranscriptDays: 0,
        RecordingDays: 0,
      },
      { ...rule, Match: {}, TranscriptDays: 30, RecordingDays: 60 },
    ],
  });
  await admin.runRetention(here);
  await server.app.ctx.ledger.writeFound();

  await using target = await openRestoreTarget();
  const { code, stderr, printed } = await target.restore(file, '--ledger', ledger());
  expect({ code, stderr }).toMatchObject({ code: 0 });
  expect(printed).toContain('4 conversations, 1 calls, parts of 2 conversations');
  await using restored = await target.open();
  const actions = callActions(() => ({ server: restored, businessId }));
  for (const id of [deleted, erased, anonymised, purged, later]) {
    expect([id, await actions.statusOf(id)]).toEqual([id, 410]);
  }
  await expect(
    restored.admin.getOutboundQueue({ ...here, queueId: erasedCall }),
  ).rejects.toMatchObject({
    status: 410,
  });
  await restored.admin.getOutboundQueue({ ...here, queueId: otherCall });
  for (const [id, content] of [
    [stays, 'word-stays'],
    [held, 'word-held'],
  ] as const) {
    expect((await actions.read(id)).Messages).toMatchObject([{ Content: content }]);
    expect(await recordingsOf(restored, id)).toHaveLength(1);
  }
  const partlyPurgedConversation = await actions.read(partlyPurged);
  expect(partlyPurgedConversation).toMatchObject({
    Messages: [],
    Logs: [{}],
    Purged: { Transcript: expect.anything() },
  });
  expect(partlyPurgedConversation.Recordings).toBeUndefined();
  expect(await actions.read('live')).toMatchObject({ Messages: [], EndType: 'MidSessionFailure' });
  const removedNames = ['deleted', 'erased', 'anonymised', 'purged', 'thinned', 'live', 'later'];
  for (const text of [
    ...removedNames.map((name) => `word-${name}`),
    deleted,
    erased,
    anonymised,
    purged,
    number,
  ]) {
    expect([text, await tablesContaining(restored, businessId, text)]).toEqual([text, []]);
  }
  const { rows } = await restored.sql.query(
    'SELECT blob_key, peaks_key FROM recordings WHERE business_id = $1',
    [businessId],
  );
  expect(await blobsOf(restored)).toEqual(
    rows.flatMap(({ blob_key, peaks_key }) => [blob_key, peaks_key ?? []].flat()).sort(),
  );
  expect(await wrongCounts(restored)).toEqual([]);
  // The new ledger contains the entries too, for a later restore of an older
  // backup.
  const lines = await linesOf(join(target.settings.DATA_DIR, 'ledger'));
  expect(lines).toEqual(expect.arrayContaining(await linesOf(ledger())));
});

test('a backup fails if the blob store answers with errors, and the next one succeeds', async () => {
  const { blobs } = server.app.ctx;
  const read = blobs.read.bind(blobs);
  blobs.read = () => Promise.reject(new Error('the disk is broken'));
  const broken = saveBackup(server.admin, folder);
  await expect(broken).rejects.toThrow();
  blobs.read = read;
  await saveBackup(server.admin, folder);
});

const joined = (ClientId: string) =>
  ({
    EventId: 'j',
    Type: 'ClientJoined',
    Timestamp: queue.at(),
    ClientId,
    ClientType: 'Phone',
  }) as const;
const said = (SenderId: string) => ({
  ...({ EventId: 'm', Type: 'MessageAdded', Role: 'User' } as const),
  Timestamp: queue.at(),
  SenderId,
  Content: `word-${SenderId}`,
});

async function erase(who: object, Mode: 'Erase' | 'Anonymise'): Promise<void> {
  const request = { businessId, ...who, Mode, Reason: 'asked' } as never;
  const { ErasureId: erasureId } = await server.admin.createErasure(request);
  await until(
    async () => (await server.admin.getErasure({ businessId, erasureId })).Status === 'Completed',
  );
}

async function blobsOf({ app }: TestServer): Promise<string[]> {
  const { blobs } = await app.ctx.blobs.list(businessId, null);
  return blobs.map(({ key }) => key).sort();
}

async function linesOf(folder: string): Promise<string[]> {
  const names = await readdir(folder);
  const texts = await Promise.all(names.map((name) => readFile(join(folder, name), 'utf8')));
  return texts.join('').trim().split('\n');
}
