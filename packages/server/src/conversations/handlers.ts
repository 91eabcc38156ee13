import type { OutputOf } from '@colloquy/wire';
import type { Handlers } from '../access/authorization/call.ts';
import { holds, type Scope } from '../access/authorization/scope.ts';
import type { Context } from '../context.ts';
import type { Counting } from '../counters/counts.ts';
import { Breather } from '../kernel/fair-share/breather.ts';
import type { Share } from '../kernel/fair-share/fair-share.ts';
import { Fault } from '../kernel/fault.ts';
import { type Page, pageEnd } from '../kernel/page.ts';
import type { Span } from '../redaction/spans.ts';
import { erase } from './erasure/erase.ts';
import {
  checkPut,
  eventFromWire,
  filterFromWire,
  headerFromWire,
  instantOrNull,
  transcriptFromWire,
} from './from-wire.ts';
import { maskingOf, noteShown, refuseGuess } from './masking/masked.ts';
import { addSpans, readSpans } from './masking/redact.ts';
import { givenEvent } from './model/given-event.ts';
import { listConversations } from './read/list.ts';
import type { PageRow } from './read/list-store.ts';
import { readPeaks } from './read/peaks.ts';
import { readConversation } from './read/read.ts';
import { viewOf } from './read/show.ts';
import { type AdmitLarge, readRecordings } from './store.ts';
import { appendEvents } from './write/append.ts';
import { joinEvents } from './write/large-bodies.ts';
import type { LiveCache } from './write/live-cache.ts';
import { putConversation } from './write/put.ts';
import { putRecording } from './write/record.ts';

type Names =
  | 'GetConversations'
  | 'GetConversation'
  | 'PutConversation'
  | 'AppendConversationEvents'
  | 'DeleteConversation'
  | 'PutRecording'
  | 'GetRecordingPeaks'
  | 'GetRedactions'
  | 'AddRedactions';

const CONVERSATIONS = 'Conversations.ConversationPermissions';
/** They tell how long a masked text is. */
const PLACES = 'The place of what is masked';

/** What the verbs of this room stand on. */
export type ConversationContext = Context & {
  readonly live: LiveCache;
  readonly counting: Counting;
};

export function conversationHandlers(
  ctx: ConversationContext & { publicUrl(): string },
): Handlers<Names> {
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
      await noteShown(ctx, scope, { operation: 'GetConversations', kind: 'Conversation', ids });
      const include = body.Include ?? [];
      if (include.length > 0) {
        const continuing = { authorize: () => call.authorize(), share: call.share };
        return { uncheckedJson: pageWithTranscripts(continuing, page, limit, include) };
      }
      const view = viewOf(ctx, scope);
      // Joined by + the text is only put together when all of it is sent.
      let items = '';
      const breather = new Breather();
      for (const { head, recordings } of page.rows) {
        const item = view.item(head, readRecordings(recordings));
        items += items === '' ? item : `,${item}`;
        // A masked reader's heads are searched, which takes long if they hold much metadata.
        if (breather.isDue()) await breather.breathe();
      }
      return { uncheckedJson: `{"Items":[${items}],${endText(page, limit)}` };
    },

    async GetConversation(call) {
      const { scope, params } = call;
      const { sessionId } = params;
      const document = await readConversation(ctx, scope, sessionId, admitOf(call));
      await noteShown(ctx, scope, {
        operation: 'GetConversation',
        kind: 'Conversation',
        ids: [sessionId],
      });
      const view = viewOf(ctx, scope);
      return { uncheckedJson: await view.document(sessionId, document, ['Messages', 'Logs']) };
    },

    async PutConversation({ scope, params, body, largeParts }) {
      checkPut(params.sessionId, body);
      const whole = {
        header: headerFromWire(params.sessionId, body),
        transcript: largeParts ?? transcriptFromWire(body),
      };
      const { created, head, recordings } = await putConversation(ctx, scope, whole);
      // Who may not read is not given recordings for writing.
      const shown = holds(scope.permissions, CONVERSATIONS, 'Retrieving') ? recordings : [];
      const ids = shown.length === 0 ? [] : [params.sessionId];
      await noteShown(ctx, scope, { operation: 'PutConversation', kind: 'Conversation', ids });
      return { status: created ? 201 : 200, uncheckedJson: viewOf(ctx, scope).item(head, shown) };
    },

    async AppendConversationEvents({ scope, params, body, largeParts }) {
      const events = largeParts
        ? joinEvents(body, largeParts)
        : body.Events.map((event) => givenEvent(eventFromWire(event)));
      const result = await appendEvents(ctx, scope, params.sessionId, events);
      const { accepted, duplicates, status } = result;
      return { data: { Accepted: accepted, Duplicates: duplicates, Status: status } };
    },

    async DeleteConversation({ scope, params }) {
      await erase(ctx, scope, params.sessionId);
      return { data: { Id: params.sessionId } };
    },

    async GetRecordingPeaks({ scope, params }) {
      const peaks = await readPeaks(ctx, scope, params.sessionId, params.participantId);
      await noteShown(ctx, scope, {
        operation: 'GetRecordingPeaks',
        kind: 'Conversation',
        ids: [params.sessionId],
      });
      return { uncheckedJson: peaks };
    },

    async GetRedactions(call) {
      const { scope, params } = call;
      refuseGuess(maskingOf(ctx.secrets, scope), PLACES);
      const spans = await readSpans(ctx, scope, params.sessionId, admitOf(call));
      return { data: { Spans: spans.map(spanToWire) } };
    },
    async AddRedactions({ scope, params, body }) {
      refuseGuess(maskingOf(ctx.secrets, scope), PLACES);
      const spans = await addSpans(ctx, scope, params.sessionId, body.Spans.map(spanFromWire));
      return { data: { Spans: spans.map(spanToWire) } };
    },

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
  };

  /**
   * Reads one transcript after the other, so that a page of long calls is never held whole. Each is shown
   * as the reader may see it by then; the page breaks off if the reader may see none any more.
   */
  async function* pageWithTranscripts(
    { authorize, share }: Continuing,
    page: Page<PageRow>,
    limit: number,
    include: readonly ('Messages' | 'Logs')[],
  ): AsyncGenerator<string | Uint8Array> {
    yield '{"Items":[';
    let separator = '';
    for (const { id } of page.rows) {
      const scope = await authorize();
      const admit = admitOf({ share });
      const document = await readConversation(ctx, scope, id, admit).catch(unlessGone);
      // Erased since the page was read.
      if (!document) continue;
      const pieces = await viewOf(ctx, scope).document(id, document, include);
      share.freeSlot();
      yield separator;
      yield* pieces;
      // The next is asked for when this one has left.
      share.release();
      separator = ',';
    }
    yield `],${endText(page, limit)}`;
  }
}

/** What an answer needs that goes on while it is sent. */
interface Continuing {
  readonly share: Share;
  authorize(): Promise<Scope>;
}

/** A large document waits for memory, and for its turn. */
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

/** The keys of a page after its items, and the closing brace. */
const endText = (page: Page<PageRow>, limit: number) =>
  JSON.stringify(pageEnd(page, limit)).slice(1);
