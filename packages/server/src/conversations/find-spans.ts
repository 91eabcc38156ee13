import { setImmediate } from 'node:timers/promises';
import { type FoundSpans, TextSearch } from '../redaction/spans.ts';
import type { Conversation } from './conversation.ts';
import { mapHeader, mapLog, mapMessage } from './texts.ts';

/** Where something stands in a conversation that may be masked. A pure function, for any thread. */
export function findAllSpans(
  conversation: Conversation,
  _country: string | null = null,
): FoundSpans {
  const search = searchOf(conversation);
  for (const step of search.steps) step();
  return search.found;
}

const MAX_TURN_MILLISECONDS = 20;

/** The same, while others have their turn; not in a transaction, which others may wait for. */
export async function findAllSpansInTurns(conversation: Conversation): Promise<FoundSpans> {
  const search = searchOf(conversation);
  let begun = performance.now();
  for (const step of search.steps) {
    step();
    if (performance.now() - begun < MAX_TURN_MILLISECONDS) continue;
    await setImmediate();
    begun = performance.now();
  }
  return search.found;
}

function searchOf(conversation: Conversation) {
  const [head, messages, logs] = [new TextSearch(), new TextSearch(), new TextSearch()];
  function* steps(): Generator<() => unknown> {
    yield () => mapHeader(conversation, head.map);
    for (const [at, message] of conversation.messages.entries()) {
      messages.begin(at);
      yield () => mapMessage(message, messages.map);
    }
    for (const [at, log] of conversation.logs.entries()) {
      logs.begin(at);
      yield () => mapLog(log, logs.map);
    }
  }
  return {
    steps: steps(),
    found: { head: head.found, messages: messages.found, logs: logs.found } satisfies FoundSpans,
  };
}
