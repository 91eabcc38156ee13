import { createReadStream } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import {
  EXAMPLE_CONVERSATION,
  EXAMPLE_HISTORY,
  EXAMPLE_OUTBOUND_QUEUE,
  type PutConversationBody,
} from '@colloquy/wire';
import pLimit from 'p-limit';
import { systemScope } from '../access/authorization/scope.ts';
import { getBusiness, insertBusiness } from '../access/store.ts';
import { wholeFromWire } from '../conversations/from-wire.ts';
import type { ConversationContext } from '../conversations/handlers.ts';
import { findHead } from '../conversations/read/head-store.ts';
import { putConversation } from '../conversations/write/put.ts';
import { putRecording } from '../conversations/write/record.ts';
import { formatInstant, parseInstant } from '../kernel/instant.ts';
import { type OutboundCall, UNDECIDED } from '../queues/calls/call.ts';
import { addCalls } from '../queues/enqueue/add-store.ts';
import { hasTombstone } from '../tombstones/tombstone-store.ts';

const BUSINESS_ID = 12345;
const SAMPLES = new URL('../../../../samples/demo/', import.meta.url);
const CONCURRENT_CALLS = 8;
const TIMES = new Set(['StartTime', 'EndTime', 'JoinedAt', 'LeftAt', 'Timestamp', 'EndedAt']);

type Body = PutConversationBody & { Id: string };

/** The newest samples are some minutes old. Resumes after an interrupted start. */
export async function loadDemo(ctx: ConversationContext): Promise<void> {
  const scope = systemScope(BUSINESS_ID);
  // The example of the documentation is written last, so its presence means that loading is complete.
  const last = EXAMPLE_CONVERSATION.Id;
  if (await findHead(ctx.db, scope, last, 'no lock')) return;
  const subject = { kind: 'conversation', id: last } as const;
  if (await hasTombstone(ctx.db, ctx.secrets, BUSINESS_ID, subject)) return;
  const createdAt = await createDemoBusiness(ctx);
  const manifest = JSON.parse(await readFile(new URL('manifest.json', SAMPLES), 'utf8'));
  const shift = createdAt - (parseInstant(manifest.Anchor) ?? createdAt);
  const lines = await readFile(new URL('conversations.ndjson', SAMPLES), 'utf8');
  const bodies = lines
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => shiftTimes(line, shift));
  // Newest first: users open these first, and waveforms are made in upload order.
  bodies.sort((a, b) => (a.StartTime < b.StartTime ? 1 : -1));
  await pLimit(CONCURRENT_CALLS).map(bodies, (body) => writeCall(ctx, body));
  await writeExampleQueue(ctx);
  await writeCall(ctx, structuredClone(EXAMPLE_CONVERSATION) as unknown as Body);
}

/** Returns when the business was created: a resumed start must shift times equally. */
async function createDemoBusiness(ctx: ConversationContext): Promise<number> {
  const createdAt = ctx.clock.now();
  const business = {
    businessId: BUSINESS_ID,
    name: 'Larkspur (demo)',
    ownerUserId: null,
    timeZone: null,
    createdAt,
  };
  const made = await insertBusiness(ctx.db, business);
  return made?.createdAt ?? (await getBusiness(ctx.db, BUSINESS_ID))?.createdAt ?? createdAt;
}

function shiftTimes(line: string, shift: number): Body {
  return JSON.parse(line, (key, value) => {
    const instant = TIMES.has(key) && typeof value === 'string' ? parseInstant(value) : null;
    return instant === null ? value : formatInstant(instant + shift);
  });
}

async function writeCall(ctx: ConversationContext, body: Body): Promise<void> {
  const scope = systemScope(BUSINESS_ID);
  await putConversation(ctx, scope, wholeFromWire(body.Id, body), { mayAbandon: false });
  const folder = new URL(`recordings/${body.Id}/`, SAMPLES);
  for (const name of await readdir(folder).catch(() => [])) {
    const participantId = name.replace(/\.opus$/, '');
    const bytes = createReadStream(new URL(name, folder));
    const audio = { contentType: 'audio/ogg', bytes };
    await putRecording(ctx, scope, { id: body.Id, participantId, startTime: null, audio });
  }
}

async function writeExampleQueue(ctx: ConversationContext): Promise<void> {
  const call = EXAMPLE_OUTBOUND_QUEUE;
  const rows = EXAMPLE_HISTORY.Entries.map((entry) => ({
    at: Date.parse(entry.At),
    decision: entry.Decision,
    reason: entry.Reason,
    details: entry.Details,
    leaseToken: null,
    sessionId: null,
    nextAttemptAt: null,
  }));
  const example: OutboundCall = {
    direction: 'outbound',
    ...UNDECIDED,
    id: call.QueueId,
    status: call.Status,
    enqueuedAt: Date.parse(call.EnqueuedAt),
    processingStartedAt: Date.parse(call.ProcessingStartedAt),
    completedAt: Date.parse(call.CompletedAt),
    dynamicVariables: JSON.stringify(call.DynamicVariables),
    metadata: JSON.stringify(call.Metadata),
    campaignId: call.CampaignId,
    numberId: call.NumberId,
    numberProvider: null,
    recipientNumber: call.RecipientNumber,
    timeZone: null,
    windows: null,
    retry: null,
    isByMaskedKey: false,
    sessionId: call.SessionId,
    sessionStatus: call.SessionStatus,
    sessionEndType: call.SessionEndType,
    attempts: call.Attempts,
    priority: call.Priority,
    decisions: rows.length,
  };
  const scope = systemScope(BUSINESS_ID);
  await ctx.db.transaction((tx) => addCalls(tx, scope, 'outbound', [{ call: example, rows }]));
}
