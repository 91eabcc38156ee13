import type { Context } from '../../context.ts';
import { maskingOf } from '../../conversations/masking/masked.ts';
import type { RecordingCopy } from '../../conversations/model/document.ts';
import { viewOf } from '../../conversations/read/show.ts';
import { formatInstant } from '../../kernel/instant.ts';
import type { Db } from '../../kernel/postgres/database.ts';
import type { CallOf, Direction } from '../../queues/calls/call.ts';
import { concealDeferral, maskEntry } from '../../queues/calls/masked.ts';
import { callToWire } from '../../queues/to-wire.ts';
import type { MediaUrlParts } from '../../recordings/media-url.ts';
import { type IdKind, showId } from '../../redaction/opaque-ids.ts';
import type { Happening } from '../webhook.ts';
import { idOf, isOfCall } from './happenings.ts';
import type { WebhookView } from './policy.ts';
import { type HeadOf, lockCallsOf, lockConversations } from './subjects-store.ts';

export type RenderContext = Pick<Context, 'db' | 'secrets' | 'threads'> & MediaUrlParts;

/** Receivers may refuse larger bodies; the rest of the body is small. */
const MAX_DATA_BYTES = 19_000;
const MAX_PARTICIPANTS = 10;

export interface Subjects {
  readonly conversations: ReadonlyMap<string, HeadOf>;
  readonly calls: ReadonlyMap<string, CallOf<Direction>>;
}

const NEEDS_NONE: readonly string[] = ['conversation.erased', 'webhook.test', 'webhook.disabled'];

/** Not erased before the transaction ends. */
export async function lockSubjects(
  tx: Db,
  businessId: number,
  happenings: readonly Happening[],
): Promise<Subjects> {
  const named = happenings.filter(({ type }) => !NEEDS_NONE.includes(type));
  const idsOf = (some: readonly Happening[]) => [
    ...new Set(some.flatMap(({ subjectId }) => subjectId ?? [])),
  ];
  const ofCalls = named.filter(isOfCall);
  const ofConversations = named.filter((one) => !isOfCall(one));
  return {
    conversations: await lockConversations(tx, { businessId }, idsOf(ofConversations)),
    calls: await lockCallsOf(tx, { businessId }, idsOf(ofCalls)),
  };
}

export const renderMessage = ({ type, at }: Happening, data: object): string =>
  JSON.stringify({ type, timestamp: formatInstant(at), data });

/** The body of the requests; null if the conversation or call is not there any more. */
export function renderHappening(
  ctx: RenderContext,
  view: WebhookView,
  happening: Happening,
  subjects: Subjects,
): string | null {
  const data = dataOf(ctx, view, happening, subjects);
  return data && renderMessage(happening, shorten(data));
}

type Data = Record<string, unknown>;

function dataOf(
  ctx: RenderContext,
  { scope }: WebhookView,
  happening: Happening,
  { conversations, calls }: Subjects,
): Data | null {
  const id = idOf(ctx.secrets, happening);
  if (id === null) return null;
  const { businessId } = scope;
  const masking = maskingOf(ctx.secrets, scope);
  const shownId = masking ? masking.showId(id) : id;
  if (happening.type === 'conversation.erased') return { Id: shownId };
  const base = `${ctx.publicUrl()}/api/v1/business/${businessId}`;
  if (isOfCall(happening)) {
    const call = calls.get(id);
    if (!call) return null;
    const entry = maskEntry(callToWire(call.direction, concealDeferral(call, masking)), masking);
    const shown = masking ? showIdsOf(ctx, businessId, entry) : entry;
    const Url = `${base}/queues/${call.direction}/${encodeURIComponent(shownId)}`;
    return { ...shown, Url };
  }
  const found = conversations.get(id);
  if (!found) return null;
  const Url = `${base}/conversations/${encodeURIComponent(shownId)}`;
  if (happening.type === 'recording.ready') {
    const copy = found.recordings.find(({ blobKey }) => blobKey === happening.details?.BlobKey);
    if (!copy) return null;
    const tokenOf = (name: string) => (masking ? masking.tokenOf(name) : name);
    return { ConversationId: shownId, ...recordingData(copy, tokenOf), Url };
  }
  const item = JSON.parse(viewOf(ctx, scope).item(found.head, found.recordings)) as Data;
  const Parts = happening.details?.Parts;
  return { ...withoutAudioUrls(item), ...(Parts !== undefined && { Parts: [Parts].flat() }), Url };
}

const IDS: Readonly<Record<string, IdKind>> = {
  QueueId: 'id',
  SessionId: 'id',
  CampaignId: 'id',
  NumberId: 'name',
  RouteId: 'name',
};

function showIdsOf({ secrets }: RenderContext, businessId: number, entry: object): Data {
  const shown = Object.entries(entry).map(([key, value]) => {
    const kind = IDS[key];
    const isId = kind !== undefined && typeof value === 'string';
    return [key, isId ? showId(secrets, businessId, kind, value) : value];
  });
  return Object.fromEntries(shown);
}

const recordingData = (copy: RecordingCopy, tokenOf: (name: string) => string) => ({
  ParticipantId: copy.participantId === '_mixed' ? null : tokenOf(copy.participantId),
  Kind: copy.participantId === '_mixed' ? 'Mixed' : 'Participant',
  ContentType: copy.contentType,
  Bytes: copy.bytes,
  DurationSeconds: copy.durationSeconds,
  ...(copy.startTime != null && { StartTime: formatInstant(copy.startTime) }),
});

const LISTS = ['Clients', 'Agents', 'Recordings'];

/** URLs would expire before the last retry, and grant access without a key. */
function withoutAudioUrls(item: Data): Data {
  const lists = LISTS.flatMap((key) => {
    const list = item[key] as readonly Data[] | undefined;
    return list ? [[key, list.map((one) => ({ ...one, AudioUrl: null }))]] : [];
  });
  return { ...item, ...Object.fromEntries(lists) };
}

const isShort = (data: Data) => Buffer.byteLength(JSON.stringify(data)) <= MAX_DATA_BYTES;

/** Leaves out the largest parts until the rest is short enough. */
function shorten(data: Data): Data {
  if (isShort(data)) return data;
  const cut: Data = { ...data, IsTruncated: true };
  for (const key of ['Metadata', 'DynamicVariables']) if (key in cut) cut[key] = {};
  const limits = [MAX_PARTICIPANTS, 0];
  for (const limit of limits) {
    if (isShort(cut)) return cut;
    for (const key of LISTS) {
      const list = cut[key];
      if (Array.isArray(list)) cut[key] = list.slice(0, limit);
    }
  }
  if (isShort(cut)) return cut;
  const { Id, QueueId, Status, Url } = data;
  return { Id, QueueId, Status, Url, IsTruncated: true };
}
