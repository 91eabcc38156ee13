import type { Op } from '@colloquy/wire';
import { Fault } from '../base/fault.ts';
import { isSecretParticipant } from '../redaction/opaque-ids.ts';
import { compileWalk } from './walk-masked.ts';

export const maskedParticipant = () =>
  new Fault(
    'PERMISSION_DENIED',
    'This id of a participant is masked for this key; give the id that GetConversation shows, or use a key with Conversations.Unredacted.',
  );

/** Throws PERMISSION_DENIED for a body that names a participant by an id that redaction masks. */
export function participantRefusal(schema: Op['body']): (body: unknown) => void {
  const walk = schema === null || schema === 'audio' ? null : compileWalk(schema);
  return (body) => {
    walk?.(body, (kind, value) => {
      const isSecret = typeof value === 'string' && isSecretParticipant(value);
      if (kind === 'participant' && isSecret) throw maskedParticipant();
      return value;
    });
  };
}
