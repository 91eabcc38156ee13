import type { Scope } from '../access/authorization/scope.ts';
import type { LoggedChange } from '../changes/change.ts';
import { numberBusiness } from '../changes/log.ts';
import { findChangesOf, findRange } from '../changes/log-store.ts';
import type { Context } from '../context.ts';
import { conversationOf } from '../conversations/from-wire.ts';
import { maskConversation } from '../conversations/masking/mask-document.ts';
import { maskTranscript } from '../conversations/masking/mask-event.ts';
import { reduceEvents } from '../conversations/model/reduce.ts';
import { parseEvents } from '../conversations/model/stored-events.ts';
import { findToRead } from '../conversations/read/long-store.ts';
import { requirePresent } from '../conversations/read/read.ts';
import type {
  AdmitLarge,
  PresentConversation,
  StoredConversation,
} from '../conversations/store.ts';
import { Fault } from '../kernel/fault.ts';
import type { StoredText } from '../kernel/threads/text-bytes.ts';
import type { Masking } from '../redaction/mask.ts';
import { itemsOfLive, itemsOfSealed, type LoggedConversation } from './history-items.ts';
import type { Item } from './item.ts';
import { loadLarge } from './large-history.ts';
import { endOfRow, type Place } from './place.ts';
import { maskItems, type Original, recentOf } from './shown-items.ts';

export type HistoryContext = Pick<Context, 'db' | 'secrets' | 'threads' | 'clock'>;

/** All events of a conversation up to a position of the log. */
export interface History {
  readonly items: readonly Item[];
  readonly isSealed: boolean;
  readonly reached: number;
  /** The place after the last change. */
  readonly end: Place;
  /** Streams can continue after these rows. */
  readonly positions: ReadonlySet<number>;
  /** Of a live conversation for readers of masked data: at least what may have to be held back. */
  readonly originals: ReadonlyMap<Item, Original>;
  /** The last of them, from which a number may continue. */
  readonly recent: readonly Original[];
  /** About the memory that it takes. */
  readonly characters: number;
}

interface HistoryOptions {
  readonly masking: Masking | null;
  readonly admitLarge?: AdmitLarge;
}

type Stored = Exclude<StoredConversation<StoredText>, { readonly kind: 'erased' }>;

const ROWS_AT_ONCE = 2_000;
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
    const found = await findToRead(ctx.db, scope, id, options.admitLarge ?? admitAll);
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

/** Streams that are open must not wait for requests. */
const admitAll: AdmitLarge = async () => undefined;

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
  readonly stored: Stored;
  readonly reached: number;
}

async function historyOf(ctx: HistoryContext, scope: Scope, loaded: Loaded): Promise<History> {
  const { logged, stored, reached, masking } = loaded;
  const { rows } = logged;
  const sealed = rows.findLast(({ kind }) => kind === 'ConversationSealed');
  // The places of earlier rows in the document are unknown.
  const from = sealed?.details?.IsUnordered === true ? sealed.position : 0;
  const usable = rows.filter(({ position }) => position >= from);
  const isSealed = stored.kind === 'sealed';
  const shown = { logged: isSealed ? { ...logged, rows: usable } : logged, masking };
  return {
    ...(isShortOf(stored)
      ? await loadShort(ctx, scope, { ...shown, stored })
      : await loadLarge(ctx, scope, { ...shown, stored })),
    isSealed,
    reached,
    end: endOfRow(rows.at(-1)?.position ?? 0),
    positions: new Set(usable.length === 0 ? [0] : usable.map(({ position }) => position)),
    characters: charactersIn(stored),
  };
}

const textsOf = (stored: Stored): readonly StoredText[] =>
  stored.kind === 'live' ? [stored.events] : [stored.messages, stored.logs];

const isShortOf = (stored: Stored): stored is PresentConversation =>
  textsOf(stored).every((text) => typeof text === 'string');

const lengthOf = (text: StoredText): number =>
  typeof text === 'string' ? text.length : text.reduce((sum, { length }) => sum + length, 0);

const charactersIn = (stored: Stored): number =>
  textsOf(stored).reduce((sum, text) => sum + lengthOf(text), 0);

interface Short {
  readonly logged: LoggedConversation;
  readonly stored: PresentConversation;
  readonly masking: Masking | null;
}

async function loadShort(ctx: HistoryContext, scope: Scope, { logged, stored, masking }: Short) {
  if (stored.kind === 'sealed') {
    const conversation = conversationOf(stored);
    const shown = masking
      ? await maskConversation(ctx, scope, conversation, masking)
      : conversation;
    return { items: itemsOfSealed(logged, shown), originals: NO_ORIGINALS, recent: [] };
  }
  const events = parseEvents(stored.events);
  const items = itemsOfLive(logged, events);
  if (!masking || events.length === 0) return { items, originals: NO_ORIGINALS, recent: [] };
  const transcript = await maskTranscript(reduceEvents(logged.id, events), masking);
  const shown = maskItems(items, transcript, masking);
  return { ...shown, recent: recentOf([...shown.originals.values()]) };
}

const NO_ORIGINALS: History['originals'] = new Map();
