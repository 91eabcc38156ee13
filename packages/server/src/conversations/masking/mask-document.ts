import type { Scope } from '../../access/authorization/scope.ts';
import type { Context } from '../../context.ts';
import type { Db } from '../../kernel/postgres/database.ts';
import { bytesInTurns, piecesOf } from '../../kernel/threads/text-bytes.ts';
import { threadTask } from '../../kernel/threads/threads.ts';
import type { Masking } from '../../redaction/mask.ts';
import {
  cutTexts,
  type FoundSpans,
  parseSpans,
  type Spans,
  type StoredSpans,
} from '../../redaction/spans.ts';
import { findStoredSpans } from '../../redaction/store.ts';
import { conversationOf, headerOf } from '../from-wire.ts';
import type { Conversation } from '../model/conversation.ts';
import { isShort, type ReadableDocument, renderDocument, renderHead } from '../model/document.ts';
import { findAllSpansInTurns } from './find-spans.ts';
import { maskLogs, maskMessages } from './mask-transcript.ts';
import { maskHeader } from './masked.ts';

const MASK = threadTask<typeof import('./mask-document.thread.ts').default>(
  new URL('./mask-document.thread.ts', import.meta.url),
);
type Transcribed = Omit<ReadableDocument, 'recordings'>;

interface Named {
  readonly id: string;
  readonly document: Transcribed;
}

const NOT_SEARCHED: StoredSpans = { found: null, added: '[]' };

async function bytesOfTexts({ head, messages, logs }: Transcribed) {
  return { head, messages: await bytesInTurns(messages), logs: await bytesInTurns(logs) };
}

export async function maskDocument(
  ctx: { readonly db: Db } & Pick<Context, 'threads' | 'secrets'>,
  scope: Scope,
  { id, document }: Named,
  masking: Masking,
): Promise<Transcribed> {
  const stored =
    (await findStoredSpans(ctx.db, scope, [id], masking.country)).get(id) ?? NOT_SEARCHED;
  if (!isShort(document)) return maskLarge(ctx, scope, { ...stored, document }, masking);
  return renderDocument(await maskParts(conversationOf(document), stored, masking));
}

/** As readers of masked data see it. */
export async function maskConversation(
  { db }: { readonly db: Db },
  scope: Scope,
  conversation: Conversation,
  masking: Masking,
): Promise<Conversation> {
  const { id } = conversation;
  const stored = (await findStoredSpans(db, scope, [id], masking.country)).get(id);
  return maskParts(conversation, stored ?? NOT_SEARCHED, masking);
}

async function maskParts(
  conversation: Conversation,
  stored: StoredSpans,
  masking: Masking,
): Promise<Conversation> {
  const spans = parseSpans(stored);
  const found = spans.found ?? (await findAllSpansInTurns(conversation, masking.country));
  return maskFound(conversation, { found, added: spans.added }, masking);
}

/** Runs in any thread. */
export function maskFound(
  conversation: Conversation,
  { found, added }: { readonly found: FoundSpans; readonly added: Spans['added'] },
  masking: Masking,
): Conversation {
  return {
    ...maskHeader(conversation, masking, cutTexts(found.head, masking)),
    messages: maskMessages(conversation.messages, found.messages, added, masking),
    logs: maskLogs(conversation.logs, found.logs, masking),
  };
}

async function maskLarge(
  { threads, secrets }: Pick<Context, 'threads' | 'secrets'>,
  { businessId }: Scope,
  { document, found, added }: StoredSpans & Pick<Named, 'document'>,
  masking: Masking,
): Promise<Transcribed> {
  const texts = await bytesOfTexts(document);
  const foundBytes = found && (await bytesOfTexts(found));
  const input = {
    ...texts,
    found: foundBytes,
    added,
    categories: [...masking.categories],
    country: masking.country,
    tokenKey: secrets.keyOf('participant'),
    businessId,
  };
  const transferred = foundBytes ? [texts, foundBytes] : [texts];
  const transfer = transferred.flatMap(({ messages, logs }) => [messages, logs]);
  const masked = await threads.run(MASK, input, { transfer });
  const header = headerOf(document.head);
  return {
    head: renderHead(maskHeader(header, masking, cutTexts(masked.headSpans, masking))),
    messages: piecesOf(masked.messages),
    logs: piecesOf(masked.logs),
  };
}
