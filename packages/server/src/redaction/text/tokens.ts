import { signWith } from '../../kernel/secrets.ts';

/** Stable pseudonyms; `key` is the derived key `participant`. */
export function tokenMaker(key: string, businessId: number): (participantId: string) => string {
  const known = new Map<string, string>();
  return (participantId) => {
    const token =
      known.get(participantId) ?? `person_${signWith(key, `${businessId} ${participantId}`)}`;
    known.set(participantId, token);
    return token;
  };
}
