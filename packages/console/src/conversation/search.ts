interface ConversationSearch {
  readonly message?: string | undefined;
  readonly t?: string | undefined;
}

const NUMBER = /^\d{1,7}(\.\d{1,3})?$/;
const numberOf = (value: unknown) =>
  typeof value === 'string' && NUMBER.test(value) ? value : undefined;

export function parseConversationSearch(given: Record<string, unknown>): ConversationSearch {
  return { message: numberOf(given.message), t: numberOf(given.t) };
}
