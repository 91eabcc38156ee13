import { setImmediate } from 'node:timers/promises';
import { type FoundSpans, TextSearch } from '../../redaction/spans.ts';
import type { Conversation } from '../model/conversation.ts';
import { CONTENT, mapHeader, mapLog, mapMessage } from '../model/texts.ts';
import { SplitNumbers } from './split-numbers.ts';

type Transcript = Pick<Conversation, 'messages' | 'logs'>;

/** Runs in any thread. `country` is the region of national phone numbers. */
export function findAllSpans(conversation: Conversation, country: string | null): FoundSpans {
  const search = searchOf(conversation, country);
  for (const step of search.steps) step();
  return search.finish();
}

/** Like `findAllSpans`, without a header. */
export function findTranscriptSpans(transcript: Transcript, country: string | null): FoundSpans {
  const search = searchOf(transcript, country);
  for (const step of search.steps) step();
  return search.finish();
}

const MAX_TURN_MILLISECONDS = 20;

/** Like `findAllSpans`, but yields to other requests. Do not call it in a transaction. */
export async function findAllSpansInTurns(conversation: Conversation, country: string | null) {
  const search = searchOf(conversation, country);
  let startedAt = performance.now();
  for (const step of search.steps) {
    step();
    if (performance.now() - startedAt < MAX_TURN_MILLISECONDS) continue;
    await setImmediate();
    startedAt = performance.now();
  }
  return search.finish();
}

function searchOf(conversation: Conversation | Transcript, country: string | null) {
  const head = new TextSearch(country);
  const messages = new TextSearch(country);
  const logs = new TextSearch(country);
  const split = new SplitNumbers(({ message, ...range }) => {
    messages.add(message, CONTENT, range);
  });
  function* steps(): Generator<() => unknown> {
    if ('id' in conversation) yield () => mapHeader(conversation, head.map);
    for (const [at, message] of conversation.messages.entries()) {
      yield () => {
        messages.begin(at, message.at);
        mapMessage(message, messages.map);
        split.add(at, message);
      };
    }
    yield () => split.finish();
    for (const [at, log] of conversation.logs.entries()) {
      yield () => {
        logs.begin(at, log.at);
        mapLog(log, logs.map);
      };
    }
  }
  return {
    steps: steps(),
    finish: (): FoundSpans => ({
      head: head.finish(),
      messages: messages.finish(),
      logs: logs.finish(),
    }),
  };
}
