import type { OutputOf } from '@colloquy/wire';
import type { Handlers } from '../access/authorization/call.ts';
import { holds, type Scope } from '../access/authorization/scope.ts';
import type { Committed } from '../changes/log.ts';
import type { Context } from '../context.ts';
import { matchesNone } from '../kernel/entity-tag.ts';
import { Breather } from '../kernel/fair-share/breather.ts';
import type { Share } from '../kernel/fair-share/fair-share.ts';
import { Fault } from '../kernel/fault.ts';
import { type Page, type PageRequest, type Position, pageEnd, readPage } from '../kernel/page.ts';
import type { Span } from '../redaction/spans.ts';
import { deleteConversation } from './erasure/delete.ts';
import {
  checkPut,
  eventFromWire,
  filterFromWire,
  headerFromWire,
  instantOrNull,
  transcriptFromWire,
} from './from-wire.ts';
import { auditRead, maskingOf, refuseGuess } from './masking/masked.ts';
import { addSpans, readSpans } from './masking/redact.ts';
import type { ConversationMetrics } from './metrics.ts';
import { givenEvent } from './model/given-event.ts';
import { findVersion } from './read/head-store.ts';
import type { Filter, RowKey } from './read/list-plan.ts';
import { findPage, keyOf, type PageRow } from './read/list-store.ts';
import { readPeaks } from './read/peaks.ts';
import { readConversation } from './read/read.ts';
import { viewOf } from './read/show.ts';
import { type AdmitLarge, readRecordings } from './store.ts';
import type { QuotaGuard } from './usage/quotas.ts';
import { appendEvents } from './write/append.ts';
import { joinEvents } from './write/large-bodies.ts';
import type { LiveCache } from './write/live-cache.ts';
import { putConversation } from './write/put.ts';
import { putRecording } from './write/record.ts';

const CONVERSATIONS = 'Conversations.ConversationPermissions';
/** Positions reveal the length of masked texts. */
const SPAN_POSITIONS = 'The place of what is masked';

export type ConversationContext = Context & {
  readonly live: LiveCache;
  readonly committed: Committed;
  readonly conversationMetrics: ConversationMetrics;
  readonly quotas: QuotaGuard;
};

type HandlerContext = ConversationContext & { publicUrl(): string };

export const conversationHandlers = (ctx: HandlerContext) => ({
  ...readHandlers(ctx),
  ...writeHandlers(ctx),
  ...recordingHandlers(ctx),
  ...redactionHandlers(ctx),
});

function readHandlers(ctx: HandlerContext): Handlers<'GetConversations' | 'GetConversation'> {
  return {
    async GetConversations(call) {
      const { scope, body } = call;
      const limit = body.Limit ?? 10;
      const page = await listConversations(ctx, scope, {
        limit,
        filter: body.Filter == null ? null : filterFromWire(body.Filter),
        nextCursor: body.NextCursor ?? null,
        previousCursor: body.PreviousCursor ?? null,
      });
      const ids = page.rows.map(({ id }) => id);
      await auditRead(ctx, scope, { operation: 'GetConversations', kind: 'Conversation', ids });
      const include = body.Include ?? [];
      if (include.length > 0) {
        return { uncheckedJson: renderPageWithTranscripts(ctx, call, page, { limit, include }) };
      }
      const view = viewOf(ctx, scope);
      let items = '';
      const breather = new Breather();
      for (const { head, recordings } of page.rows) {
        const item = view.item(head, readRecordings(recordings));
        items += items === '' ? item : `,${item}`;
        // Masking heads with large metadata takes a long time.
        if (breather.isDue()) await breather.breathe();
      }
      return { uncheckedJson: `{"Items":[${items}],${renderPageEnd(page, limit)}` };
    },

    async GetConversation(call) {
      const { scope, params } = call;
      const { sessionId } = params;
      const view = viewOf(ctx, scope);
      const read = {
        operation: 'GetConversation',
        kind: 'Conversation',
        ids: [sessionId],
      } as const;
      if (call.ifNoneMatch !== null && view.entityTag) {
        // Costs a second statement if the reader has an earlier version.
        const version = await findVersion(ctx.db, scope, sessionId);
        const tag = version && view.entityTag(version);
        if (tag !== null && matchesNone(call.ifNoneMatch, tag)) {
          await auditRead(ctx, scope, read);
          return { notModified: tag };
        }
      }
      const document = await readConversation(ctx, scope, sessionId, admitOf(call));
      await auditRead(ctx, scope, read);
      const { pieces, entityTag } = await view.document(sessionId, document, ['Messages', 'Logs']);
      return { uncheckedJson: pieces, entityTag };
    },
  };
}

type WriteNames = 'PutConversation' | 'AppendConversationEvents' | 'DeleteConversation';

function writeHandlers(ctx: HandlerContext): Handlers<WriteNames> {
  return {
    async PutConversation({ scope, params, body, largeParts }) {
      checkPut(params.sessionId, body);
      const whole = {
        header: headerFromWire(params.sessionId, body),
        transcript: largeParts ?? transcriptFromWire(body),
      };
      const { created, head, recordings } = await putConversation(ctx, scope, whole);
      // Permission to write does not include permission to read recordings.
      const visible = holds(scope.permissions, CONVERSATIONS, 'Retrieving') ? recordings : [];
      const ids = visible.length === 0 ? [] : [params.sessionId];
      await auditRead(ctx, scope, { operation: 'PutConversation', kind: 'Conversation', ids });
      return { status: created ? 201 : 200, uncheckedJson: viewOf(ctx, scope).item(head, visible) };
    },

    async AppendConversationEvents({ scope, params, body, largeParts }) {
      const events = largeParts
        ? joinEvents(body, largeParts)
        : body.Events.map((event) => givenEvent(eventFromWire(event)));
      const result = await appendEvents(ctx, scope, params.sessionId, { events });
      const { accepted, duplicates, status } = result;
      return { data: { Accepted: accepted, Duplicates: duplicates, Status: status } };
    },

    async DeleteConversation({ scope, params }) {
      await deleteConversation(ctx, scope, params.sessionId);
      return { data: { Id: params.sessionId } };
    },
  };
}

function recordingHandlers(ctx: HandlerContext): Handlers<'PutRecording' | 'GetRecordingPeaks'> {
  return {
    async PutRecording({ scope, params, query, body }) {
      const { sessionId: id, participantId } = params;
      const startTime = instantOrNull(query.StartTime);
      const upload = { id, participantId, startTime, audio: body };
      const { created, received } = await putRecording(ctx, scope, upload);
      return {
        status: created ? 201 : 200,
        data: {
          ParticipantId: participantId,
          ContentType: received.contentType,
          Bytes: received.bytes,
          Sha256: received.sha256,
          DurationSeconds: received.durationSeconds,
        },
      };
    },

    async GetRecordingPeaks({ scope, params }) {
      const peaks = await readPeaks(ctx, scope, params.sessionId, params.participantId);
      const ids = [params.sessionId];
      await auditRead(ctx, scope, { operation: 'GetRecordingPeaks', kind: 'Conversation', ids });
      return { uncheckedJson: peaks };
    },
  };
}

function redactionHandlers(ctx: HandlerContext): Handlers<'GetRedactions' | 'AddRedactions'> {
  return {
    async GetRedactions(call) {
      const { scope, params } = call;
      refuseGuess(maskingOf(ctx.secrets, scope), SPAN_POSITIONS);
      const spans = await readSpans(ctx, scope, params.sessionId, admitOf(call));
      return { data: { Spans: spans.map(spanToWire) } };
    },
    async AddRedactions({ scope, params, body }) {
      refuseGuess(maskingOf(ctx.secrets, scope), SPAN_POSITIONS);
      const spans = await addSpans(ctx, scope, params.sessionId, body.Spans.map(spanFromWire));
      return { data: { Spans: spans.map(spanToWire) } };
    },
  };
}

function listConversations(ctx: HandlerContext, scope: Scope, request: PageRequest<Filter>) {
  const list = {
    audience: `conversations ${scope.businessId}`,
    keyOf,
    find: (filter: Filter, position: Position<RowKey>) => findPage(ctx.db, scope, filter, position),
  };
  return readPage(ctx.secrets, list, request);
}

interface Continuing {
  readonly share: Share;
  authorize(): Promise<Scope>;
}

/** Reads one transcript at a time to bound memory. Breaks off if the reader has lost access. */
async function* renderPageWithTranscripts(
  ctx: HandlerContext,
  call: Continuing,
  page: Page<PageRow>,
  { limit, include }: { limit: number; include: readonly ('Messages' | 'Logs')[] },
): AsyncGenerator<string | Uint8Array> {
  const { share } = call;
  yield '{"Items":[';
  let separator = '';
  for (const { id } of page.rows) {
    const scope = await call.authorize();
    const document = await readConversation(ctx, scope, id, admitOf(call)).catch(unlessGone);
    if (!document) continue;
    const { pieces } = await viewOf(ctx, scope).document(id, document, include);
    share.freeSlot();
    yield separator;
    yield* pieces;
    share.release();
    separator = ',';
  }
  yield `],${renderPageEnd(page, limit)}`;
}

const admitOf =
  (call: Pick<Continuing, 'share'>): AdmitLarge =>
  async (bytes) => {
    await call.share.reserve(bytes);
    await call.share.takeSlot();
  };

type WireSpan = OutputOf<'GetRedactions'>['Spans'][number];

const spanFromWire = (span: WireSpan): Span => ({
  message: span.MessageIndex,
  start: span.Start,
  end: span.End,
  category: span.Category,
});

const spanToWire = ({ message, start, end, category }: Span): WireSpan => ({
  MessageIndex: message,
  Start: start,
  End: end,
  Category: category as WireSpan['Category'],
});

function unlessGone(error: unknown): null {
  if (error instanceof Fault && (error.code === 'GONE' || error.code === 'NOT_FOUND')) return null;
  throw error;
}

const renderPageEnd = (page: Page<PageRow>, limit: number) =>
  JSON.stringify(pageEnd(page, limit)).slice(1);
