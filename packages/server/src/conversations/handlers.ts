import { noteRead } from '../access/audit/reads.ts';
import type { Handlers } from '../access/handler.ts';
import type { Scope } from '../access/scope.ts';
import type { Context } from '../base/context.ts';
import type { Counting } from '../base/counts.ts';
import { Fault } from '../base/fault.ts';
import { type Page, pageEnd } from '../base/page.ts';
import { mediaUrl } from '../recordings/media-url.ts';
import { appendEvents } from './append.ts';
import { completeHead, type RecordingCopy } from './document.ts';
import { erase } from './erase.ts';
import { checkPut, conversationFromWire, eventFromWire, filterFromWire } from './from-wire.ts';
import { listConversations } from './list.ts';
import type { PageRow } from './list-store.ts';
import type { LiveCache } from './live-cache.ts';
import { putConversation } from './put.ts';
import { readConversation } from './read.ts';
import { putRecording } from './record.ts';
import { readRecordings } from './store.ts';

type Names =
  | 'GetConversations'
  | 'GetConversation'
  | 'PutConversation'
  | 'AppendConversationEvents'
  | 'DeleteConversation'
  | 'PutRecording';

type Include = 'Messages' | 'Logs';

/** What the verbs of this room stand on. */
export type ConversationContext = Context & {
  readonly live: LiveCache;
  readonly counting: Counting;
};

export function conversationHandlers(
  ctx: ConversationContext & { publicUrl(): string },
): Handlers<Names> {
  const complete = (
    scope: Scope,
    head: string,
    transcript: string,
    recordings: readonly RecordingCopy[],
  ) =>
    completeHead(head, transcript, recordings, ({ blobKey, contentType }) =>
      mediaUrl(ctx, { businessId: scope.businessId, blobKey, contentType }),
    );

  return {
    async GetConversations({ scope, body }) {
      const limit = body.Limit ?? 10;
      const page = await listConversations(ctx, scope, {
        limit,
        filter: body.Filter == null ? null : filterFromWire(body.Filter),
        nextCursor: body.NextCursor ?? null,
        previousCursor: body.PreviousCursor ?? null,
      });
      const ids = page.rows.map(({ id }) => id);
      await noteRead(ctx, scope, { operation: 'GetConversations', kind: 'Conversation', ids });
      const include = body.Include ?? [];
      if (include.length > 0) return { stream: pageWithTranscripts(scope, page, limit, include) };
      // Joined by + the text is only put together when all of it is sent.
      let items = '';
      for (const { head, recordings } of page.rows) {
        const item = complete(scope, head, '', readRecordings(recordings));
        items += items === '' ? item : `,${item}`;
      }
      return { json: `{"Items":[${items}],${endText(page, limit)}` };
    },

    async GetConversation({ scope, params }) {
      const document = await readConversation(ctx, scope, params.sessionId);
      const ids = [params.sessionId];
      await noteRead(ctx, scope, { operation: 'GetConversation', kind: 'Conversation', ids });
      const transcript = `"Messages":${document.messages},"Logs":${document.logs},`;
      return { json: complete(scope, document.head, transcript, document.recordings) };
    },

    async PutConversation({ scope, params, body }) {
      checkPut(params.sessionId, body);
      const conversation = conversationFromWire(params.sessionId, body);
      const { created, head, recordings } = await putConversation(ctx, scope, conversation);
      return { status: created ? 201 : 200, json: complete(scope, head, '', recordings) };
    },

    async AppendConversationEvents({ scope, params, body }) {
      const events = body.Events.map(eventFromWire);
      const result = await appendEvents(ctx, scope, params.sessionId, events);
      const { accepted, duplicates, status } = result;
      return { data: { Accepted: accepted, Duplicates: duplicates, Status: status } };
    },

    async DeleteConversation({ scope, params }) {
      await erase(ctx, scope, params.sessionId);
      return { data: { Id: params.sessionId } };
    },

    async PutRecording({ scope, params, body }) {
      const { sessionId, participantId } = params;
      const { created, received } = await putRecording(ctx, scope, sessionId, participantId, body);
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

  /** Reads one transcript after the other, so that a page of long calls is never held whole. */
  async function* pageWithTranscripts(
    scope: Scope,
    page: Page<PageRow>,
    limit: number,
    include: readonly Include[],
  ): AsyncGenerator<string> {
    yield '{"Items":[';
    let separator = '';
    for (const { id } of page.rows) {
      const document = await readConversation(ctx, scope, id).catch(unlessGone);
      // Erased since the page was read.
      if (!document) continue;
      const messages = include.includes('Messages') ? `"Messages":${document.messages},` : '';
      const logs = include.includes('Logs') ? `"Logs":${document.logs},` : '';
      yield separator + complete(scope, document.head, messages + logs, document.recordings);
      separator = ',';
    }
    yield `],${endText(page, limit)}`;
  }
}

function unlessGone(error: unknown): null {
  if (error instanceof Fault && (error.code === 'GONE' || error.code === 'NOT_FOUND')) return null;
  throw error;
}

/** The keys of a page after its items, and the closing brace. */
const endText = (page: Page<PageRow>, limit: number) =>
  JSON.stringify(pageEnd(page, limit)).slice(1);
