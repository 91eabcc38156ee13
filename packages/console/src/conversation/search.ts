/** The target of a link to a conversation. */
interface ConversationSearch {
  readonly message?: string | undefined;
  /** Seconds from the start. */
  readonly t?: string | undefined;
}

const NUMBER = /^\d{1,7}(\.\d{1,3})?$/;
const numberOf = (value: unknown) =>
  typeof value === 'string' && NUMBER.test(value) ? value : undefined;

export function parseConversationSearch(given: Record<string, unknown>): ConversationSearch {
  return { message: numberOf(given.message), t: numberOf(given.t) };
}
