import type { Secrets } from '../kernel/secrets.ts';

/** How a conversation or a queue entry changed. */
export type ChangeKind =
  | 'EventsAppended'
  /** After the end of the conversation. */
  | 'LateEventsAppended'
  | 'ConversationAdded'
  | 'ConversationReplaced'
  | 'ConversationSealed'
  | 'ConversationEdited'
  | 'ConversationPurged'
  | 'ConversationErased'
  | 'RecordingReady'
  | 'CallEnqueued'
  | 'CallCompleted'
  | 'CallFailed'
  | 'CallCanceled'
  | 'CallExpired';

export interface Change {
  readonly kind: ChangeKind;
  /** `erasedSubject` of an erased conversation, whose id must not stay readable in the database. */
  readonly subjectId: string;
  /** Few and small. Never content, phone numbers or names. */
  readonly details?: ChangeDetails;
}

export type ChangeDetails = Readonly<Record<string, string | number | boolean | readonly string[]>>;

/** A change in its place in the log of its business. */
export interface LoggedChange extends Change {
  /** Ascends without repeats, from 1. */
  readonly position: number;
  /** When the server received it. */
  readonly at: number;
  /** Of appended events: the number of the first one, all ids, and a letter for each. */
  readonly firstSeq?: number;
  readonly eventIds?: readonly string[];
  readonly eventTypes?: string;
}

/** Readers must learn which conversation to forget. */
export const erasedSubject = (secrets: Secrets, id: string): string => secrets.encipher(id);

/** The id of the conversation or call. */
export const subjectOf = (secrets: Secrets, { kind, subjectId }: Change): string =>
  kind === 'ConversationErased' ? secrets.decipher(subjectId) : subjectId;
