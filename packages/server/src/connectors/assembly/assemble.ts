import pLimit from 'p-limit';
import type { Scope } from '../../access/authorization/scope.ts';
import { findPolicy, scopeUnder } from '../../access/businesses/policy-store.ts';
import { joinTranscript, type Whole } from '../../conversations/model/transcript.ts';
import { type PutContext, putConversation } from '../../conversations/write/put.ts';
import { Fault } from '../../kernel/fault.ts';
import { textInTurns } from '../../kernel/threads/text-bytes.ts';
import { threadTask } from '../../kernel/threads/threads.ts';
import type { ConnectorMetrics } from '../metrics.ts';
import { findRaw } from '../vault/delivery-store.ts';
import {
  type CallRow,
  countEndReason,
  fail,
  findDue,
  findOfCall,
  removeErased,
  resumePaused,
  settle,
} from './assembly-store.ts';
import { cleanText } from './clean.ts';
import { type CallDelivery, type FoldFacts, foldDeliveries } from './fold-deliveries.ts';
import { addAssembly } from './job-store.ts';

export type AssemblyContext = PutContext & { readonly connectorMetrics: ConnectorMetrics };

const DUE_AT_ONCE = 500;
const CALLS_AT_ONCE = 8;
/** Then the job is added again, so that others run. */
const MAX_MILLISECONDS = 20_000;
const MAX_INLINE_BYTES = 128 * 1024;
const MAX_CONVERSATION_CHARACTERS = 16 * 1024 * 1024;
/** Of all deliveries of a call, which are in memory together. */
const MAX_CALL_BYTES = 64 * 1024 * 1024;
const MAX_END_REASON = 128;
const BACK_OFF_MINUTES = [1, 5, 30, 120, 360, 720, 1440];

const FOLD = threadTask<typeof import('./fold-deliveries.thread.ts').default>(
  new URL('./fold-deliveries.thread.ts', import.meta.url),
);

const UNREADABLE = 'The body cannot be read; it is kept for a later release of the server.';
const REMOVED =
  'Earlier deliveries of the call were removed by an erasure or a purge, so it cannot be added.';
const TOO_MANY = 'The deliveries of the call have more than 64 MiB together.';
const TOO_LARGE = 'The conversation would be larger than 16 MiB.';

/** Writes the conversations of a business that have deliveries that are due. */
export async function assembleBusiness(ctx: AssemblyContext, businessId: number): Promise<void> {
  const startedAt = performance.now();
  const limit = pLimit(CALLS_AT_ONCE);
  for (;;) {
    const policy = await findPolicy(ctx.db, businessId, null);
    if (!policy || policy.isDisabled || !policy.isEditingEnabled) return;
    const scopeOf = (connectionId: string) => scopeUnder(businessId, connectionId, policy);
    await resumePaused(ctx.db, { businessId }, ctx.clock.now());
    const ids = await findDue(ctx.db, { businessId }, ctx.clock.now(), DUE_AT_ONCE);
    if (ids.length === 0) return;
    await Promise.all(ids.map((id) => limit(() => assembleCall(ctx, businessId, id, scopeOf))));
    if (performance.now() - startedAt < MAX_MILLISECONDS) continue;
    await addAssembly(ctx.db, businessId);
    return;
  }
}

interface Call {
  readonly businessId: number;
  readonly conversationId: string;
  readonly rows: readonly CallRow[];
  readonly due: readonly CallRow[];
  /** The last of `due`. */
  readonly last: CallRow;
}

async function assembleCall(
  ctx: AssemblyContext,
  businessId: number,
  conversationId: string,
  scopeOf: (connectionId: string) => Scope,
): Promise<void> {
  const rows = await findOfCall(ctx.db, { businessId }, conversationId);
  const due = rows.filter(({ isDue }) => isDue);
  const last = due.at(-1);
  if (!last) return;
  const call = { businessId, conversationId, rows, due, last };
  try {
    await write(ctx, call, scopeOf(last.connectionId));
  } catch (error) {
    await noteFailure(ctx, call, error);
  }
}

async function write(ctx: AssemblyContext, call: Call, scope: Scope): Promise<void> {
  const { rows, due, last } = call;
  const { source } = last;
  if (rows.some(({ hasBody }) => !hasBody)) return failForGood(ctx, call, due, REMOVED);
  const bytes = rows.reduce((sum, row) => sum + row.bytes, 0);
  if (bytes > MAX_CALL_BYTES) return failForGood(ctx, call, due, TOO_MANY);
  const { whole, facts } = await foldCall(ctx, call);
  const unreadable = due.filter(({ id }) => facts.unreadable.includes(id));
  if (unreadable.length > 0) await failForGood(ctx, call, unreadable, UNREADABLE);
  if (!whole || unreadable.length === due.length) return;
  if (
    whole.transcript.messages.length + whole.transcript.logs.length >
    MAX_CONVERSATION_CHARACTERS
  ) {
    return failForGood(ctx, call, due, TOO_LARGE);
  }
  await putConversation(ctx, scope, whole);
  if (await settleCall(ctx, call, facts))
    ctx.connectorMetrics.assembled.inc({ source, outcome: 'written' });
}

async function failForGood(
  ctx: AssemblyContext,
  { businessId, last }: Call,
  rows: readonly CallRow[],
  error: string,
): Promise<void> {
  const ids = rows.map(({ id }) => id);
  await fail(ctx.db, { businessId }, ids, { error, nextAttemptAt: null });
  ctx.connectorMetrics.assembled.inc({ source: last.source, outcome: 'failed' });
}

async function foldCall(
  ctx: AssemblyContext,
  { businessId, conversationId, rows, last }: Call,
): Promise<{ readonly whole: Whole | null; readonly facts: FoldFacts }> {
  const { source, callId } = last;
  const raw = await findRaw(
    ctx.db,
    { businessId },
    rows.map(({ id }) => id),
  );
  const deliveries = rows.flatMap(({ id, receivedAt, dedupeKey }): CallDelivery[] => {
    const { headers, body } = raw.get(id) ?? {};
    return headers && body ? [{ id, receivedAt, dedupeKey, headers, body }] : [];
  });
  const call = { source, conversationId, callId };
  const bytes = rows.reduce((sum, row) => sum + row.bytes, 0);
  if (bytes <= MAX_INLINE_BYTES) return foldDeliveries({ ...call, deliveries });
  const input = deliveries.map(({ body, ...delivery }) => ({
    ...delivery,
    bytes: new Uint8Array(body),
  }));
  const transfer = input.map((delivery) => delivery.bytes.buffer);
  const { whole, facts } = await ctx.threads.run(
    FOLD,
    { ...call, deliveries: input },
    { transfer },
  );
  if (!whole) return { whole, facts };
  const texts: string[] = [];
  for (const text of whole.texts) texts.push(await textInTurns(text));
  const transcript = joinTranscript(whole.transcript, texts, whole.texts);
  return { whole: { header: whole.header, transcript }, facts };
}

/** False if more deliveries of the call came meanwhile. */
function settleCall(
  ctx: AssemblyContext,
  { businessId, conversationId, rows, due, last }: Call,
  { unknownEndReason, warnings, unreadable }: FoldFacts,
): Promise<boolean> {
  const settled = due.filter(({ id }) => !unreadable.includes(id));
  return ctx.db.transaction(async (tx) => {
    const isSettled = await settle(
      tx,
      { businessId },
      {
        conversationId,
        all: rows.map(({ id }) => id),
        due: new Map(settled.map(({ id }) => [id, warnings.get(id) ?? []])),
      },
    );
    if (!isSettled) return false;
    const endReason = unknownEndReason && cleanText(unknownEndReason, MAX_END_REASON);
    const isCounted = rows.some((row) => row.unknownEndReason === endReason);
    if (!endReason || isCounted) return true;
    await countEndReason(tx, { businessId }, last, endReason);
    ctx.connectorMetrics.unknownEndReasons.inc({ source: last.source });
    return true;
  });
}

async function noteFailure(ctx: AssemblyContext, call: Call, error: unknown): Promise<void> {
  const { businessId, conversationId, due, last } = call;
  const { source, connectionId } = last;
  const { assembled } = ctx.connectorMetrics;
  // The job fails too, and runs again.
  if (error instanceof Fault && error.code === 'UNAVAILABLE') throw error;
  if (error instanceof Fault && error.code === 'GONE') {
    const erased = { connectionId, conversationId };
    await ctx.db.transaction((tx) => removeErased(tx, { businessId }, erased));
    assembled.inc({ source, outcome: 'erased' });
    return;
  }
  if (!(error instanceof Fault)) {
    ctx.log.error(
      { err: error, businessId, source },
      'a conversation of a connection was not written',
    );
  }
  const failures = Math.max(...due.map((row) => row.failures));
  const minutes = BACK_OFF_MINUTES[failures];
  await fail(
    ctx.db,
    { businessId },
    due.map(({ id }) => id),
    {
      error: error instanceof Fault ? error.message : 'An error in the server; see its log.',
      nextAttemptAt: minutes === undefined ? null : ctx.clock.now() + minutes * 60_000,
    },
  );
  assembled.inc({ source, outcome: 'failed' });
}
