import type { Scope } from '../../access/authorization/scope.ts';
import type { Context } from '../../context.ts';
import { conversationOf } from '../../conversations/from-wire.ts';
import { findAllSpansInTurns } from '../../conversations/masking/find-spans.ts';
import type { Conversation } from '../../conversations/model/conversation.ts';
import { CONTENT } from '../../conversations/model/texts.ts';
import { documentOf } from '../../conversations/read/read.ts';
import { findConversation } from '../../conversations/store.ts';
import { type Masking, maskText, textMask } from '../../redaction/mask.ts';
import { byItem, parseSpans, rangesOfText } from '../../redaction/spans.ts';
import { findStoredSpans } from '../../redaction/store.ts';
import { type MapText, mapJson } from '../../redaction/text/map-json.ts';
import type { RawParts } from './delivery.ts';

type MaskContext = Pick<Context, 'db' | 'threads'>;

/** Searching a larger body would block other requests. */
const MAX_MASKED_BYTES = 512 * 1024;
/** Shorter ids are masked only if they are the whole text. */
const MIN_ID_WITHIN_TEXT = 5;

interface Raw {
  readonly conversationId: string | null;
  readonly headers: NonNullable<RawParts['headers']>;
  readonly body: Buffer;
}

interface ShownRaw {
  readonly headers: RawParts['headers'];
  readonly body: string | null;
}

const HIDDEN: ShownRaw = { headers: null, body: null };

/**
 * Masks what is masked in the conversation: names and ids of its participants, and the words of its
 * spans, wherever they are; then every text by itself.
 */
export async function maskRaw(
  ctx: MaskContext,
  scope: Scope,
  { conversationId, headers, body }: Raw,
  masking: Masking,
): Promise<ShownRaw> {
  // Without its conversation, nothing says which texts are names.
  if (conversationId === null || body.length > MAX_MASKED_BYTES) return HIDDEN;
  const stored = await findConversation(ctx.db, scope, conversationId);
  if (!stored || stored.kind === 'erased') return HIDDEN;
  const document = await documentOf(ctx, conversationId, stored);
  const conversation = conversationOf(document);
  const known = [
    ...participantTexts(conversation, masking),
    ...(await spanTexts(ctx, scope, conversation, masking)),
  ];
  const map = mapOf(known, masking);
  const text = body.toString('utf8');
  const json = jsonOf(text);
  return {
    headers: mapJson(headers, map) as RawParts['headers'],
    body:
      json === undefined
        ? isForm(headers)
          ? maskForm(text, map)
          : map(text)
        : JSON.stringify(mapJson(json, map)),
  };
}

const isForm = (headers: Raw['headers']) =>
  /^application\/x-www-form-urlencoded\b/i.test(headers['content-type'] ?? '');

/** Encoded, names and numbers are other texts. */
function maskForm(text: string, map: MapText): string {
  const fields = [...new URLSearchParams(text)];
  return new URLSearchParams(fields.map((field) => field.map((part) => map(part)))).toString();
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

interface KnownText {
  readonly text: string;
  readonly masked: string;
  readonly isWithin: boolean;
}

function participantTexts({ clients, agents }: Conversation, masking: Masking): KnownText[] {
  const ofId = (id: string) => ({
    text: id,
    masked: masking.tokenOf(id),
    isWithin: id.length >= MIN_ID_WITHIN_TEXT,
  });
  const ofName = (name: string | undefined) =>
    name === undefined ? [] : [{ text: name, masked: '[NAME]', isWithin: true }];
  return [
    ...clients.flatMap(({ clientId, name, phoneNumber }) => [
      ...ofName(name),
      ...(phoneNumber === undefined
        ? []
        : [{ text: phoneNumber, masked: '[PHONE]', isWithin: true }]),
      ofId(clientId),
    ]),
    ...agents.flatMap(({ agentId, name }) => [...ofName(name), ofId(agentId)]),
  ];
}

/** Words that a person has marked, or that only the whole transcript shows to be a number. */
async function spanTexts(
  { db }: MaskContext,
  scope: Scope,
  conversation: Conversation,
  { categories, country }: Masking,
): Promise<KnownText[]> {
  const stored = (await findStoredSpans(db, scope, [conversation.id], country)).get(
    conversation.id,
  );
  const spans = stored ? parseSpans(stored) : { found: null, added: [] };
  const found = spans.found ?? (await findAllSpansInTurns(conversation, country));
  const foundIn = byItem(found.messages);
  return conversation.messages.flatMap(({ content }, at) => {
    const added = spans.added.filter(({ message }) => message === at);
    return [...added, ...rangesOfText(foundIn.get(at) ?? [], CONTENT)]
      .filter(({ category }) => categories.has(category))
      .map(({ start, end, category }) => ({
        text: content.slice(start, end),
        masked: `[${category}]`,
        isWithin: true,
      }));
  });
}

function mapOf(known: readonly KnownText[], masking: Masking): MapText {
  const whole = new Map(known.map(({ text, masked }) => [text, masked]));
  // Longer ones first: one may be within another.
  const within = known
    .filter(({ text, isWithin }) => isWithin && text !== '')
    .sort((a, b) => b.text.length - a.text.length);
  const replace = (text: string) =>
    whole.get(text) ??
    within.reduce((masked, one) => masked.replaceAll(one.text, one.masked), text);
  const base = textMask(masking);
  return Object.assign((text: string) => maskText(replace(text), masking), {
    ...(base.array && {
      array: (texts: readonly string[]) => base.array?.(texts.map(replace)) ?? [],
    }),
    ...(base.objects && {
      objects: (texts: readonly string[], groups: Parameters<NonNullable<MapText['objects']>>[1]) =>
        base.objects?.(texts.map(replace), groups) ?? [],
    }),
  });
}
