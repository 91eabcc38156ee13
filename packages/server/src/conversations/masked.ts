import { setImmediate } from 'node:timers/promises';
import { noteRead, noteUnredactedRead, type Read } from '../access/audit/reads.ts';
import { isMasked, type Scope } from '../access/scope.ts';
import type { Context } from '../base/context.ts';
import { Fault } from '../base/fault.ts';
import type { Secrets } from '../base/secrets.ts';
import { detect } from '../redaction/detect.ts';
import { type Masking, maskedOf, maskJson, maskStretches, maskText } from '../redaction/mask.ts';
import { isToken, showId } from '../redaction/opaque-ids.ts';
import type { Span, Spans } from '../redaction/store.ts';
import type { Conversation, Header, Log, Message, ToolCall, Word } from './conversation.ts';

/** What is masked for whoever asks; null where the original may be seen. */
export function maskingOf(secrets: Secrets, scope: Scope): Masking | null {
  if (scope.redaction === null || !isMasked(scope)) return null;
  return {
    categories: new Set(scope.redaction),
    tokenOf: (id) => `person_${secrets.sign('participant', `${scope.businessId} ${id}`)}`,
    showId: (id) => showId(secrets, scope.businessId, 'id', id),
  };
}

/** PERMISSION_DENIED for a masked reader: the answer would tell whether a guess of `what` is right. */
export function refuseGuess(masking: Masking | null, what: string): void {
  if (!masking) return;
  throw new Fault(
    'PERMISSION_DENIED',
    `${what} is masked for this key, so it cannot be asked for; that needs Conversations.Unredacted.`,
  );
}

/** The participant that a masked reader's token stands for; another id is returned as it is. */
export function participantOfToken(
  masking: Masking | null,
  id: string,
  participants: readonly string[],
): string {
  if (!masking || !isToken(id)) return id;
  return participants.find((own) => own !== '_mixed' && masking.tokenOf(own) === id) ?? id;
}

/** Writes down who reads what, where the business wants that; of the original of what it masks always. */
export async function noteShown(
  ctx: Pick<Context, 'db' | 'clock' | 'secrets'>,
  scope: Scope,
  read: Read,
): Promise<void> {
  const isOriginal = scope.redaction !== null && maskingOf(ctx.secrets, scope) === null;
  await (isOriginal ? noteUnredactedRead : noteRead)(ctx, scope, read);
}

const LONGEST_TURN_MILLISECONDS = 20;

/** Like `map`; where it takes long, others have their turn in between. */
async function inTurns<T, U>(items: readonly T[], work: (item: T, at: number) => U): Promise<U[]> {
  const done: U[] = [];
  let begun = performance.now();
  for (const [at, item] of items.entries()) {
    done.push(work(item, at));
    if (performance.now() - begun < LONGEST_TURN_MILLISECONDS) continue;
    await setImmediate();
    begun = performance.now();
  }
  return done;
}

const findIn = ({ content }: Message, message: number): Span[] =>
  detect(content).map((stretch) => ({ message, ...stretch }));

/** Like `findAll`, while others have their turn; not in a transaction, which somebody may wait for. */
export async function findAllInTurns(messages: readonly Message[]): Promise<Span[]> {
  return (await inTurns(messages, findIn)).flat();
}

/** Where something stands in messages that may be masked. */
export function findAll(messages: readonly Message[]): Span[] {
  return messages.flatMap(findIn);
}

/** A conversation as those see it who may not see the original. */
export async function maskConversation(
  conversation: Conversation,
  spans: Spans | undefined,
  masking: Masking,
): Promise<Conversation> {
  const { messages, logs } = conversation;
  // What somebody has marked comes first: it says more than a pattern.
  const all = [...(spans?.added ?? []), ...(spans?.found ?? (await findAllInTurns(messages)))];
  const byMessage = Map.groupBy(all, ({ message }) => message);
  return {
    ...maskHeader(conversation, masking),
    messages: await inTurns(messages, (message, at) =>
      maskMessage(message, byMessage.get(at) ?? [], masking),
    ),
    logs: await inTurns(logs, (log) => maskLog(log, masking)),
  };
}

export function maskHeader(header: Header, masking: Masking): Header {
  const { id, queueId, clients, agents, metadata, endReason, source, ...rest } = header;
  const maskPerson = <P extends { name?: string; leaveReason: string | null }>(person: P): P => ({
    ...person,
    leaveReason: person.leaveReason && maskText(person.leaveReason, masking),
    ...(person.name !== undefined && { name: '[NAME]' }),
  });
  return {
    ...rest,
    id: masking.showId(id),
    queueId: queueId && masking.showId(queueId),
    clients: clients.map((client) => ({
      ...maskPerson(client),
      clientId: masking.tokenOf(client.clientId),
      ...(client.phoneNumber !== undefined && { phoneNumber: '[PHONE]' }),
    })),
    agents: agents.map((agent) => ({
      ...maskPerson(agent),
      agentId: masking.tokenOf(agent.agentId),
    })),
    metadata: maskJson(metadata, masking) as Header['metadata'],
    ...(endReason !== undefined && { endReason: maskText(endReason, masking) }),
    ...(source && { source: maskJson(source, masking) as NonNullable<Header['source']> }),
  };
}

function maskMessage(message: Message, spans: readonly Span[], masking: Masking): Message {
  const { content, words, toolCall, senderId, ...rest } = message;
  const stretches = maskedOf(spans, masking);
  const masked = words && maskWords(content, words, stretches);
  return {
    ...rest,
    senderId: masking.tokenOf(senderId),
    content: maskStretches(content, stretches),
    ...(masked && { words: masked }),
    ...(toolCall && { toolCall: maskToolCall(toolCall, masking) }),
  };
}

/** None is shown where one is not found in the content. */
function maskWords(
  content: string,
  words: readonly Word[],
  stretches: readonly { start: number; end: number; category: string }[],
): Message['words'] {
  return placeWords(content, words)?.map(({ word, start, end }) => {
    const stretch = stretches.find((one) => one.start < end && start < one.end);
    return stretch ? { ...word, word: `[${stretch.category}]` } : word;
  });
}

/** Where a word stands in a text. */
export interface Place {
  readonly word: Word;
  readonly start: number;
  readonly end: number;
}

/** Each word is looked for after the one before it; undefined where one is not found. */
export function placeWords(content: string, words: readonly Word[]): Place[] | undefined {
  const places: Place[] = [];
  let from = 0;
  for (const word of words) {
    const start = content.indexOf(word.word, from);
    if (start < 0) return undefined;
    from = start + word.word.length;
    places.push({ word, start, end: from });
  }
  return places;
}

const maskToolCall = (call: ToolCall, masking: Masking): ToolCall => ({
  ...call,
  callId: maskText(call.callId, masking),
  name: maskText(call.name, masking),
  arguments: maskJson(call.arguments, masking),
  ...('result' in call && { result: maskJson(call.result, masking) }),
});

const maskLog = (log: Log, masking: Masking): Log => ({
  ...log,
  message: maskText(log.message, masking),
  ...(log.source !== undefined && { source: maskText(log.source, masking) }),
  ...(log.details && { details: maskJson(log.details, masking) as NonNullable<Log['details']> }),
});
