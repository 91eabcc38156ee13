import type { StreamEvent } from '@colloquy/wire';
import { ConnectionError } from './error.ts';
import { EventParser } from './event-parser.ts';
import { pause, retryDelay } from './retry.ts';
import {
  type ClientOptions,
  headersOf,
  type RequestOptions,
  readAnswer,
  type Target,
} from './send.ts';

/** Discard what you have: the stream could not be continued, and everything follows. */
export interface StreamReset {
  readonly Type: 'Reset';
}
export type StreamedEvent = StreamEvent | StreamReset;

export interface StreamOptions extends Pick<RequestOptions, 'signal'> {
  /** Called when the stream is connected, the first time and again; what follows will not be missed. */
  onOpen?: () => void;
  /** Called when the connection is lost; the stream connects again. */
  onLost?: () => void;
  /**
   * Called before each event with the id after which a later stream can continue, in `LastEventId`.
   * Also between events, when the stream moves on without one.
   */
  onEventId?: (id: string) => void;
}

const DEFAULT_RETRY_MS = 3_000;
/** The server sends something at least every 15 seconds. */
const SILENT_MS = 45_000;
const OK_STATUS = 200;
const OVER_STATUS = 204;

/**
 * Reconnects until the stream is over or the caller stops. ColloquyError if the server refuses,
 * ConnectionError if it never answered.
 */
export async function* followStream(
  client: ClientOptions,
  target: Target,
  { signal, onOpen, onLost, onEventId }: StreamOptions = {},
): AsyncGenerator<StreamedEvent, void, undefined> {
  const parser = new EventParser(null);
  const stopping = new AbortController();
  const stopped = signal ? AbortSignal.any([signal, stopping.signal]) : stopping.signal;
  let attempts = 0;
  let wasOpen = false;
  try {
    for (;;) {
      const connection = new AbortController();
      const response = await connect(client, target, {
        lastEventId: parser.lastEventId,
        signal: AbortSignal.any([stopped, connection.signal]),
      }).catch((error: unknown) => {
        if (stopped.aborted) throw error;
        return error;
      });
      if (response instanceof Response && response.status === OVER_STATUS) return;
      if (response instanceof Response && response.status === OK_STATUS) {
        attempts = 0;
        wasOpen = true;
        onOpen?.();
        for await (const { event, data } of eventsIn(response, parser, connection)) {
          if (parser.lastEventId !== null) onEventId?.(parser.lastEventId);
          if (event === 'end') return;
          if (event === 'reset') yield { Type: 'Reset' };
          else yield JSON.parse(data);
          if (event === 'ConversationErased' && target.op === 'StreamConversation') return;
        }
        onLost?.();
        if (stopped.aborted) throw stopped.reason;
        await pause(parser.retryMs ?? DEFAULT_RETRY_MS, stopped);
        continue;
      }
      await waitOrThrow(client, target, { failure: response, attempts, wasOpen, signal: stopped });
      attempts += 1;
    }
  } finally {
    stopping.abort();
  }
}

interface Connecting {
  readonly lastEventId: string | null;
  readonly signal: AbortSignal;
}

function connect(client: ClientOptions, target: Target, { lastEventId, signal }: Connecting) {
  const headers = headersOf(client, target, {});
  headers.set('Accept', 'text/event-stream');
  if (lastEventId !== null) headers.set('Last-Event-ID', lastEventId);
  const url = `${client.baseUrl.replace(/\/+$/, '')}/api/v1${target.path}`;
  return (client.fetch ?? fetch)(url, { headers, signal });
}

/** Ends without an error if the connection is lost. */
async function* eventsIn(response: Response, parser: EventParser, connection: AbortController) {
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  if (!reader) return;
  try {
    for (;;) {
      const timer = setTimeout(() => connection.abort(), SILENT_MS);
      const { done, value } = await reader.read().finally(() => clearTimeout(timer));
      if (done) return;
      yield* parser.read(value);
    }
  } catch (error) {
    if (error instanceof SyntaxError) throw error;
  } finally {
    connection.abort();
  }
}

interface Failed {
  /** A response, or the error of fetch. */
  readonly failure: unknown;
  readonly attempts: number;
  readonly wasOpen: boolean;
  readonly signal: AbortSignal;
}

async function waitOrThrow(
  client: ClientOptions,
  target: Target,
  { failure, attempts, wasOpen, signal }: Failed,
): Promise<void> {
  const response = failure instanceof Response ? failure : null;
  const isTemporary = response === null || response.status === 429 || response.status >= 500;
  const isLast = !wasOpen && attempts >= (client.retries ?? 3);
  if (response && (!isTemporary || isLast)) {
    readAnswer(target, { response, text: await response.text() }, {});
  }
  if (isLast || (response && !isTemporary)) {
    throw new ConnectionError(`The server at ${client.baseUrl} does not answer.`, failure);
  }
  await pause(retryDelay(attempts, response), signal);
}
