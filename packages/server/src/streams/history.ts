import type { Scope } from '../access/authorization/scope.ts';
import type { LoggedChange } from '../changes/change.ts';
import { numberBusiness } from '../changes/log.ts';
import { findChangesOf, findRange } from '../changes/log-store.ts';
import type { Context } from '../context.ts';
import { conversationOf } from '../conversations/from-wire.ts';
import { maskConversation } from '../conversations/masking/mask-document.ts';
import { maskEvent, maskTranscript } from '../conversations/masking/mask-event.ts';
import type { SingleEvent } from '../conversations/model/event-to-wire.ts';
import { reduceEvents } from '../conversations/model/reduce.ts';
import { parseEvents } from '../conversations/model/stored-events.ts';
import { requirePresent } from '../conversations/read/read.ts';
import {
  type AdmitLarge,
  findConversation,
  type PresentConversation,
} from '../conversations/store.ts';
import { Fault } from '../kernel/fault.ts';
import type { Masking } from '../redaction/mask.ts';
import { itemsOfLive, itemsOfSealed, type LoggedConversation } from './history-items.ts';
import type { Item } from './item.ts';
import { endOfRow, type Place } from './place.ts';

export type HistoryContext = Pick<Context, 'db' | 'secrets' | 'share'>;

/** All events of a conversation up to a position of the log. */
export interface History {
  readonly items: readonly Item[];
  readonly isSealed: boolean;
  readonly reached: number;
  /** The place after the last change. */
  readonly end: Place;
  /** Streams can continue after these rows. */
  readonly positions: ReadonlySet<number>;
  /** The events before masking, if the conversation is live and the reader sees masked data. */
  readonly originals: ReadonlyMap<Item, SingleEvent>;
}

interface HistoryOptions {
  readonly masking: Masking | null;
  readonly admitLarge?: AdmitLarge;
}

const ROWS_AT_ONCE = 5_000;
const MAX_ATTEMPTS = 10;
/** These change the content that earlier rows refer to. */
const STRUCTURAL: ReadonlySet<string> = new Set([
  'ConversationAdded',
  'ConversationReplaced',
  'ConversationSealed',
  'ConversationEdited',
  'ConversationPurged',
  'ConversationErased',
]);

/** NOT_FOUND, GONE. */
export async function loadHistory(
  ctx: HistoryContext,
  scope: Scope,
  id: string,
  options: HistoryOptions,
): Promise<History> {
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
    await numberBusiness(ctx.db, scope.businessId);
    const { last } = await findRange(ctx.db, scope);
    const known = await findRows(ctx, scope, id, 0);
    const found = await findConversation(ctx.db, scope, id, options.admitLarge);
    const stored = await requirePresent(ctx, scope, id, found);
    await numberBusiness(ctx.db, scope.businessId);
    const later = await findRows(ctx, scope, id, last);
    if (later.some(({ kind }) => STRUCTURAL.has(kind))) continue;
    const rows = known.filter(({ position }) => position <= last);
    const logged = { id, rows, later, recordings: stored.recordings };
    return historyOf(ctx, scope, { ...options, logged, stored, reached: last });
  }
  const message = 'The conversation is being replaced again and again; try again shortly.';
  throw new Fault('UNAVAILABLE', message, { retryAfterSeconds: 1 });
}

async function findRows({ db }: HistoryContext, scope: Scope, subjectId: string, after: number) {
  const rows: LoggedChange[] = [];
  for (;;) {
    const from = rows.at(-1)?.position ?? after;
    const found = await findChangesOf(db, scope, { subjectId, after: from, limit: ROWS_AT_ONCE });
    rows.push(...found);
    if (found.length < ROWS_AT_ONCE) return rows;
  }
}

interface Loaded extends HistoryOptions {
  readonly logged: LoggedConversation;
  readonly stored: PresentConversation;
  readonly reached: number;
}

async function historyOf(ctx: HistoryContext, scope: Scope, loaded: Loaded): Promise<History> {
  const { logged, stored, reached, masking } = loaded;
  const { rows } = logged;
  const sealed = rows.findLast(({ kind }) => kind === 'ConversationSealed');
  // The places of earlier rows in the document are unknown.
  const from = sealed?.details?.IsUnordered === true ? sealed.position : 0;
  const usable = rows.filter(({ position }) => position >= from);
  const facts = {
    reached,
    end: endOfRow(rows.at(-1)?.position ?? 0),
    positions: new Set(usable.length === 0 ? [0] : usable.map(({ position }) => position)),
  };
  if (stored.kind === 'sealed') {
    const conversation = conversationOf(stored);
    const shown = masking
      ? await maskConversation(ctx, scope, conversation, masking)
      : conversation;
    const items = itemsOfSealed({ ...logged, rows: usable }, shown).map(named(masking));
    return { ...facts, items, isSealed: true, originals: new Map() };
  }
  const events = parseEvents(stored.events);
  const items = itemsOfLive(logged, events);
  if (!masking || events.length === 0) {
    return { ...facts, items, isSealed: false, originals: new Map() };
  }
  const transcript = await maskTranscript(reduceEvents(logged.id, events), masking);
  const originals = new Map<Item, SingleEvent>();
  const masked = items.map((item): Item => {
    const { content } = item;
    if (content.kind !== 'event') return named(masking)(item);
    const event = maskEvent(content.event, transcript, masking);
    const shown = { ...item, content: { kind: 'event', event } } as const;
    originals.set(shown, content.event);
    return shown;
  });
  return { ...facts, items: masked, isSealed: false, originals };
}

/** Recordings name their participant. */
export const named =
  (masking: Masking | null) =>
  (item: Item): Item => {
    const { content } = item;
    if (!masking || content.kind !== 'RecordingReady') return item;
    if (content.participantId === '_mixed') return item;
    const participantId = masking.tokenOf(content.participantId);
    return { ...item, content: { ...content, participantId } };
  };
