import type { Rejection } from '@colloquy/wire';
import { isMasked, type Scope } from '../../access/authorization/scope.ts';
import type { Tx } from '../../kernel/postgres/database.ts';
import { type OutboundCall, UNDECIDED } from '../calls/call.ts';
import { enqueue } from '../calls/call-decisions.ts';
import type { Planner } from '../campaigns/plan.ts';
import { addCalls, type NewCall } from './add-store.ts';
import type { DialableRecipient } from './read-recipients.ts';
import type { EnqueueRequest, Rejected } from './request.ts';

/** Bounds of the rows of one statement, and of the characters in their texts. */
const MAX_CHUNK_ROWS = 2_500;
const MAX_CHUNK_CHARACTERS = 4 * 1024 * 1024;

export type IdentifiedRecipient = DialableRecipient & { readonly id: string };
type IndexedCall = NewCall<OutboundCall> & { readonly index: number };

/** Writes the calls of a request in chunks, and collects their ids and rejections. */
export class CallWriter {
  /** By index of the recipient; null if it is rejected. */
  readonly queueIds: (string | null)[];
  readonly rejected: Rejected[];
  readonly #tx: Tx;
  readonly #scope: Scope;
  readonly #request: EnqueueRequest;
  readonly #planner: Planner;
  readonly #now: number;

  constructor(
    tx: Tx,
    scope: Scope,
    request: EnqueueRequest,
    given: {
      readonly rejected: readonly Rejected[];
      readonly planner: Planner;
      readonly now: number;
    },
  ) {
    this.#tx = tx;
    this.#scope = scope;
    this.#request = request;
    this.#planner = given.planner;
    this.#now = given.now;
    this.rejected = [...given.rejected];
    this.queueIds = request.recipients.map(() => null);
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
    this.rejected.push({ index, line: this.#request.recipients[index]?.line, reason, message });
  }

  #createCalls(
    chunk: readonly IdentifiedRecipient[],
    forbidden: ReadonlySet<string>,
  ): IndexedCall[] {
    const calls: IndexedCall[] = [];
    const isByMaskedKey = isMasked(this.#scope);
    for (const one of chunk) {
      const { index, number } = one;
      if (forbidden.has(number)) {
        this.#reject(index, 'DO_NOT_CALL', `${number} is on the do-not-call list.`);
        continue;
      }
      const call = newCall(this.#request, one, this.#now, isByMaskedKey);
      const details = `to call ${number} from ${this.#request.numberId}`;
      calls.push({ index, ...enqueue(call, this.#planner, details) });
    }
    return calls;
  }

  async #write(calls: readonly IndexedCall[]): Promise<void> {
    const waiting = await addCalls(this.#tx, this.#scope, 'outbound', calls);
    if (isMasked(this.#scope)) {
      // A masked key must not learn which numbers wait, so its call waits too.
      const repeats = calls.filter(({ call }) => waiting.delete(call.id));
      await addCalls(
        this.#tx,
        this.#scope,
        'outbound',
        repeats.map(({ call, rows }) => ({ call: { ...call, isRepeat: true }, rows })),
      );
    }
    for (const { index, call } of calls) {
      if (!waiting.has(call.id)) this.queueIds[index] = call.id;
      else {
        const { recipientNumber } = call;
        const message = `${recipientNumber} is already in the queue of the campaign.`;
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
