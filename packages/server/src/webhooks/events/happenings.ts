import type { DeliveryType } from '@colloquy/wire';
import { type LoggedChange, subjectOf } from '../../changes/change.ts';
import { eventTypesOf } from '../../conversations/model/event-letters.ts';
import type { Secrets } from '../../kernel/secrets.ts';
import { idHash } from '../../tombstones/tombstone-store.ts';
import type { Happening, HappeningDetails } from '../webhook.ts';

function typesOf({ kind, eventTypes = '', details = {} }: LoggedChange): readonly DeliveryType[] {
  const ended: DeliveryType[] = details.HasEnded ? ['conversation.ended'] : [];
  const isNewlySealed = details.IsSealed === true && details.WasSealed !== true;
  const completed: DeliveryType[] = isNewlySealed ? ['conversation.completed'] : [];
  switch (kind) {
    case 'EventsAppended':
      return eventTypesOf(eventTypes).flatMap((type): DeliveryType[] => {
        if (type === 'started') return ['conversation.started'];
        return type === 'ended' ? ['conversation.ended'] : [];
      });
    case 'LateEventsAppended':
      return ['conversation.updated'];
    case 'ConversationAdded':
      // The anonymous copy of an erased conversation is nothing that happened.
      return details.IsCopy ? [] : ['conversation.started', ...ended, ...completed];
    case 'ConversationReplaced':
      return ['conversation.updated', ...ended, ...completed];
    default:
      return TYPES[kind] ?? [];
  }
}

const TYPES: Readonly<Partial<Record<LoggedChange['kind'], readonly [DeliveryType]>>> = {
  ConversationSealed: ['conversation.completed'],
  ConversationPurged: ['conversation.purged'],
  ConversationErased: ['conversation.erased'],
  RecordingReady: ['recording.ready'],
  CallEnqueued: ['queue.enqueued'],
  CallCompleted: ['queue.completed'],
  CallFailed: ['queue.failed'],
  CallExpired: ['queue.failed'],
  CallCanceled: ['queue.canceled'],
};

/** What webhooks are told of a change, in this order. */
export function happeningsOf(change: LoggedChange): Happening[] {
  const { subjectId, at, details = {} } = change;
  const { Parts, BlobKey } = details;
  const told: HappeningDetails = {
    ...(Parts !== undefined && { Parts: Parts as string | readonly string[] }),
    ...(BlobKey !== undefined && { BlobKey: String(BlobKey) }),
  };
  const hasDetails = Object.keys(told).length > 0;
  return typesOf(change).map((type) => {
    return { type, subjectId, at, details: hasDetails ? told : null };
  });
}

export const isOfCall = ({ type }: Pick<Happening, 'type'>) => type.startsWith('queue.');

/** The id of the conversation or call; null: none, or erased since. */
export function idOf(secrets: Secrets, { type, subjectId }: Happening): string | null {
  if (subjectId === null || type !== 'conversation.erased') return subjectId;
  return subjectOf(secrets, { kind: 'ConversationErased', subjectId });
}

/** Deliveries of the same subject are sent in their order; `other` is for those without one. */
export function subjectHashOf(
  secrets: Secrets,
  businessId: number,
  happening: Happening,
  other: string,
): string {
  const id = idOf(secrets, happening);
  if (id === null) return other;
  return idHash(secrets, businessId, isOfCall(happening) ? 'call' : 'conversation', id);
}
