import type { LoggedChange } from '../changes/change.ts';
import { timePlaces } from '../conversations/model/arrival.ts';
import type { Conversation, Event } from '../conversations/model/conversation.ts';
import type { RecordingCopy } from '../conversations/model/document.ts';
import type { SingleEvent } from '../conversations/model/event-to-wire.ts';
import {
  agentJoined,
  agentLeft,
  clientJoined,
  clientLeft,
  endOf,
  eventsOf,
  logEvent,
  messageEvent,
  startOf,
} from '../conversations/model/events-of.ts';
import type { PurgedPart } from '../conversations/write/conversation-change.ts';
import type { Content, Item } from './item.ts';

export interface LoggedConversation {
  readonly id: string;
  /** All rows of the log that concern it, oldest first. */
  readonly rows: readonly LoggedChange[];
  /** Rows that were read after its content; none of them replaces it. */
  readonly later: readonly LoggedChange[];
  readonly recordings: readonly RecordingCopy[];
}

const isAppend = ({ kind }: LoggedChange) =>
  kind === 'EventsAppended' || kind === 'LateEventsAppended';
const isReplacement = ({ kind }: LoggedChange) =>
  kind === 'ConversationReplaced' || kind === 'ConversationEdited';

/** What was written before the last replacement is no longer there. */
const currentRows = (rows: readonly LoggedChange[]) =>
  rows.slice(Math.max(0, rows.findLastIndex(isReplacement)));

/** How the content at and between the rows becomes events. */
interface ContentAt {
  /** The content when the row was written, which gave all of it. */
  whole(row: LoggedChange): readonly SingleEvent[];
  /** null in the place of an event that is no longer known. */
  appended(row: LoggedChange): readonly (SingleEvent | null)[];
  /** What was written before the first row that is left. */
  before(): readonly SingleEvent[];
}

/** All events of a conversation whose events are stored. */
export function itemsOfLive(logged: LoggedConversation, events: readonly Event[]): Item[] {
  const current = currentRows(logged.rows);
  const appends = [...current, ...logged.later].filter(isAppend);
  const until = (end: number) => events.slice(0, end - 1).flatMap(singleEvents);
  const nextSeq = (position: number) =>
    appends.find((row) => row.position > position)?.firstSeq ?? Number.POSITIVE_INFINITY;
  return itemsOf(logged, current, {
    whole: ({ position }) => until(nextSeq(position)),
    appended({ firstSeq = 1, eventTypes = '' }) {
      const first = firstSeq - 1;
      return events.slice(first, first + eventTypes.length).flatMap(singleEvents);
    },
    before: () => until(appends[0]?.firstSeq ?? Number.POSITIVE_INFINITY),
  });
}

const singleEvents = (event: Event): readonly SingleEvent[] =>
  event.type === 'written' ? eventsOf(event.conversation) : [event];

/** All events of a conversation whose events became a document, in the order of their arrival. */
export function itemsOfSealed(logged: LoggedConversation, conversation: Conversation): Item[] {
  const current = currentRows(logged.rows);
  const appends = current.filter(isAppend);
  const details = current.findLast(({ kind }) => kind === 'ConversationSealed')?.details;
  const arrived = new ArrivedParts(conversation, details ?? {});
  const parts = arrived.parts(appends.map(({ eventTypes = '' }) => eventTypes));
  const byRow = new Map(appends.map((row, at) => [row.position, parts.appended[at] ?? []]));
  return itemsOf(logged, current, {
    whole: () => parts.before,
    appended: ({ position }) => byRow.get(position) ?? [],
    before: () => parts.before,
  });
}

function itemsOf(
  { id, recordings }: LoggedConversation,
  current: readonly LoggedChange[],
  content: ContentAt,
): Item[] {
  const of = (row: LoggedChange, contents: readonly (Content | null)[], isDerived: boolean) =>
    contents.flatMap((one, index): Item[] => {
      if (one === null) return [];
      const place = { position: row.position, index };
      return [{ place, conversationId: id, at: row.at, content: one, isDerived }];
    });
  const asContent = (event: SingleEvent | null): Content | null =>
    event && { kind: 'event', event };
  const items = current.flatMap((row) => {
    if (isAppend(row)) return of(row, content.appended(row).map(asContent), false);
    if (row.kind === 'ConversationAdded') return of(row, content.whole(row).map(asContent), true);
    if (!isReplacement(row)) return of(row, contentOfRow(row, recordings), true);
    const replaced = { kind: 'ConversationReplaced' } as const;
    return of(row, [replaced, ...content.whole(row).map(asContent)], true);
  });
  const [first] = current;
  if (first && (isReplacement(first) || first.kind === 'ConversationAdded')) return items;
  const earlier = content.before();
  const position = first?.position ?? 0;
  return [
    ...earlier.map((event, at): Item => {
      const place = { position, index: at - earlier.length };
      const at_ = first?.at ?? 0;
      return {
        place,
        conversationId: id,
        at: at_,
        content: { kind: 'event', event },
        isDerived: true,
      };
    }),
    ...items,
  ];
}

/** Of rows without events. */
export function contentOfRow(row: LoggedChange, recordings: readonly RecordingCopy[]): Content[] {
  const { kind, details } = row;
  if (kind === 'ConversationSealed') return [{ kind: 'Sealed' }];
  if (kind === 'ConversationErased') return [{ kind }];
  if (kind === 'ConversationPurged') {
    const { Parts } = details ?? {};
    const isWhole = !Array.isArray(Parts);
    const parts = isWhole ? (['Transcript', 'Logs', 'Recordings'] as const) : Parts;
    return [{ kind, parts: parts as readonly PurgedPart[] }];
  }
  if (kind !== 'RecordingReady') return [];
  // It may have been replaced meanwhile, which has a row too.
  const found = recordings.find(({ blobKey }) => blobKey === details?.BlobKey);
  return found ? [{ kind, participantId: found.participantId }] : [];
}

type Details = NonNullable<LoggedChange['details']>;

/** Assigns the content of a document to the appends that brought it, by counting back from the end. */
class ArrivedParts {
  readonly #conversation: Conversation;
  readonly #messagePlaces: readonly number[];
  readonly #logPlaces: readonly number[];
  readonly #participants: readonly number[];

  constructor(conversation: Conversation, { LateMessages, LateLogs, Participants }: Details) {
    this.#conversation = conversation;
    this.#messagePlaces = timePlaces(conversation.messages.length, LateMessages);
    this.#logPlaces = timePlaces(conversation.logs.length, LateLogs);
    this.#participants =
      typeof Participants === 'string' ? Participants.split(' ').map(Number) : [];
  }

  parts(appends: readonly string[]) {
    const letters = appends.join('');
    const next = {
      message: this.#messagePlaces.length - countOf(letters, 'M'),
      log: this.#logPlaces.length - countOf(letters, 'L'),
      participant: this.#participants.length - countOf(letters, 'CcAa'),
    };
    const before = this.#before(letters, { ...next });
    let at = 0;
    const lastLeft = this.#lastLeft(letters, next.participant);
    const appended = appends.map((text) =>
      [...text].map((letter) => {
        at += 1;
        return this.#eventOf(letter, next, lastLeft.has(at - 1));
      }),
    );
    return { before, appended };
  }

  /** The places in the letters at which participants leave for the last time. */
  #lastLeft(letters: string, first: number): ReadonlySet<number> {
    const last = new Map<string, number>();
    let participant = first;
    for (const [at, letter] of [...letters].entries()) {
      if (!'CcAa'.includes(letter)) continue;
      const key = `${letter.toUpperCase()} ${this.#participants[participant]}`;
      if (letter === 'c' || letter === 'a') last.set(key, at);
      participant += 1;
    }
    return new Set(last.values());
  }

  #before(letters: string, next: Readonly<Record<'message' | 'log' | 'participant', number>>) {
    const { messages, logs } = this.#conversation;
    const changes = [...letters].filter((letter) => 'CcAa'.includes(letter));
    const later = new Set(
      changes.map((letter, at) => `${letter} ${this.#participants[next.participant + at]}`),
    );
    const letterOf = { client: { joined: 'C', left: 'c' }, agent: { joined: 'A', left: 'a' } };
    return eventsOf(this.#conversation, {
      messages: numbered(messages, this.#messagePlaces.slice(0, Math.max(0, next.message))),
      logs: numbered(logs, this.#logPlaces.slice(0, Math.max(0, next.log))),
      has: (kind, at, change) => !later.has(`${letterOf[kind][change]} ${at}`),
      hasStart: !letters.includes('S'),
      hasEnd: !letters.includes('E'),
    });
  }

  #eventOf(
    letter: string,
    next: Record<'message' | 'log' | 'participant', number>,
    isLastLeft: boolean,
  ): SingleEvent | null {
    const { messages, logs, clients, agents } = this.#conversation;
    const participant = this.#participants[next.participant] ?? -1;
    const [client, agent] = [clients[participant], agents[participant]];
    if ('CcAa'.includes(letter)) next.participant += 1;
    switch (letter) {
      case 'S':
        return startOf(this.#conversation);
      case 'E':
        return endOf(this.#conversation)[0] ?? null;
      case 'M': {
        const message = messages[this.#messagePlaces[next.message] ?? -1];
        next.message += 1;
        return message ? messageEvent(next.message, message) : null;
      }
      case 'L': {
        const log = logs[this.#logPlaces[next.log] ?? -1];
        next.log += 1;
        return log ? logEvent(next.log, log) : null;
      }
      case 'C':
        return client ? clientJoined(client, participant) : null;
      case 'A':
        return agent ? agentJoined(agent, participant) : null;
      case 'c':
        if (!client || !isLastLeft) return null;
        return clientLeft(this.#conversation)(client, participant)[0] ?? null;
      case 'a':
        if (!agent || !isLastLeft) return null;
        return agentLeft(this.#conversation)(agent, participant)[0] ?? null;
      default:
        return null;
    }
  }
}

const countOf = (letters: string, counted: string) =>
  [...letters].filter((letter) => counted.includes(letter)).length;

const numbered = <T>(items: readonly T[], places: readonly number[]) =>
  places.flatMap((place, at) => {
    const item = items[place];
    return item ? [[at + 1, item] as const] : [];
  });
