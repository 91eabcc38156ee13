import type { Rejection } from '@colloquy/wire';
import { isMasked, type Scope } from '../../access/authorization/scope.ts';
import type { Tx } from '../../kernel/postgres/database.ts';
import { type OutboundCall, UNDECIDED } from '../calls/call.ts';
import { enqueue } from '../calls/call-decisions.ts';
import type { Planner } from '../campaigns/plan.ts';
import { addCalls, type NewCall } from './add-store.ts';
import type { DialableRecipient } from './read-recipients.ts';
import type { EnqueueRequest, Rejected } from './request.ts';

const MAX_CHUNK_ROWS = 2_500;
const MAX_CHUNK_CHARACTERS = 4 * 1024 * 1024;

export type IdentifiedRecipient = DialableRecipient & { readonly id: string };
type IndexedCall = NewCall<OutboundCall> & { readonly index: number };

export interface Writing {
  readonly tx: Tx;
  readonly scope: Scope;
  readonly request: EnqueueRequest;
  readonly planner: Planner;
  readonly now: number;
}

export class CallWriter {
  /** By index of the recipient; null if it is rejected. */
  readonly queueIds: (string | null)[];
  readonly rejected: Rejected[];
  readonly #writing: Writing;

  constructor(writing: Writing, rejected: readonly Rejected[]) {
    this.#writing = writing;
    this.rejected = [...rejected];
    this.queueIds = writing.request.recipients.map(() => null);
  }

  async writeAll(
    recipients: readonly IdentifiedRecipient[],
    forbidden: ReadonlySet<string>,
  ): Promise<void> {
    let writing = Promise.resolve();
    for (const chunk of chunksOf(recipients)) {
      const calls = this.#createCalls(chunk, forbidden);
      // Creates the calls of the next chunk while the database writes these.
      await writing;
      writing = this.#write(calls);
      writing.catch(() => undefined);
    }
    await writing;
  }

  #reject(index: number, reason: Rejection, message: string): void {
    const { line } = this.#writing.request.recipients[index] ?? {};
    this.rejected.push({ index, line, reason, message });
  }

  #createCalls(
    chunk: readonly IdentifiedRecipient[],
    forbidden: ReadonlySet<string>,
  ): IndexedCall[] {
    const { scope, request, planner, now } = this.#writing;
    const calls: IndexedCall[] = [];
    for (const one of chunk) {
      const { index, number } = one;
      if (forbidden.has(number)) {
        this.#reject(index, 'DO_NOT_CALL', `${number} is on the do-not-call list.`);
        continue;
      }
      const call = newCall(request, one, now, isMasked(scope));
      const details = `to call ${number} from ${request.numberId}`;
      calls.push({ index, ...enqueue(call, planner, details) });
    }
    return calls;
  }

  async #write(calls: readonly IndexedCall[]): Promise<void> {
    const { tx, scope } = this.#writing;
    const waiting = await addCalls(tx, scope, 'outbound', calls);
    if (isMasked(scope)) {
      // A masked key must not learn which numbers wait, so its call waits too.
      const repeats = calls
        .filter(({ call }) => waiting.delete(call.id))
        .map(({ call, rows }) => ({ call: { ...call, isRepeat: true }, rows }));
      await addCalls(tx, scope, 'outbound', repeats);
    }
    for (const { index, call } of calls) {
      if (!waiting.has(call.id)) this.queueIds[index] = call.id;
      else {
        const message = `${call.recipientNumber} is already in the queue of the campaign.`;
        this.#reject(index, 'DUPLICATE', message);
      }
    }
  }
}

function* chunksOf(
  recipients: readonly IdentifiedRecipient[],
): Generator<readonly IdentifiedRecipient[]> {
  let chunk: IdentifiedRecipient[] = [];
  let characters = 0;
  for (const one of recipients) {
    chunk.push(one);
    characters += one.recipient.dynamicVariables.length + one.recipient.metadata.length;
    if (chunk.length < MAX_CHUNK_ROWS && characters < MAX_CHUNK_CHARACTERS) continue;
    yield chunk;
    chunk = [];
    characters = 0;
  }
  if (chunk.length > 0) yield chunk;
}

const newCall = (
  request: EnqueueRequest,
  { id, number, recipient }: IdentifiedRecipient,
  now: number,
  isByMaskedKey: boolean,
): OutboundCall => ({
  direction: 'outbound',
  ...UNDECIDED,
  id,
  enqueuedAt: now,
  priority: request.priority,
  numberId: request.numberId,
  scheduledFor: request.scheduledFor,
  expiresAt: request.expiresAt,
  dynamicVariables: recipient.dynamicVariables,
  metadata: recipient.metadata,
  campaignId: request.campaignId,
  numberProvider: request.numberProvider,
  recipientNumber: number,
  timeZone: recipient.timeZone,
  windows: request.windows,
  retry: request.retry,
  isByMaskedKey,
});
