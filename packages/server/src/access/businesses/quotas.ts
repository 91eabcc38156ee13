/** What an admin allows a business; null: no limit. */
export interface Quotas {
  /** Begun in a month (UTC). */
  readonly conversations: number | null;
  /** Of the conversations that began in a month (UTC). */
  readonly minutes: number | null;
  /** Of stored transcripts and recordings. */
  readonly bytes: number | null;
}

export const NO_QUOTAS: Quotas = { conversations: null, minutes: null, bytes: null };

/** null if nothing is limited. */
export const quotasOrNull = (quotas: Quotas): Quotas | null =>
  Object.values(quotas).every((limit) => limit === null) ? null : quotas;

export const quotasJson = ({ conversations, minutes, bytes }: Quotas) => ({
  ConversationsPerMonth: conversations,
  MinutesPerMonth: minutes,
  StoredBytes: bytes,
});
