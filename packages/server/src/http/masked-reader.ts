import { type Op, type OpName, ops } from '@colloquy/wire';
import type { TSchema } from 'typebox';
import type { Answer, Call, CheckedData, Handlers } from '../access/authorization/call.ts';
import type { Scope } from '../access/authorization/scope.ts';
import type { Context } from '../context.ts';
import { maskingOf } from '../conversations/masking/masked.ts';
import type { Share } from '../kernel/fair-share/fair-share.ts';
import { Fault } from '../kernel/fault.ts';
import { type Masking, maskJson, maskText } from '../redaction/mask.ts';
import {
  isSecretId,
  isSecretParticipant,
  maskQuotedIds,
  openId,
  showId,
} from '../redaction/opaque-ids.ts';
import { type Change, compileWalk, type Walk } from './walk-masked.ts';

/** A call as the route gives it, its parts not told apart by operation. */
interface AnyCall extends Record<keyof Call<OpName>, unknown> {
  readonly scope: Partial<Scope> | null;
  readonly params: unknown;
  readonly query: unknown;
  readonly body: unknown;
  readonly largeParts: unknown;
  readonly csv: { readonly query: unknown } | null;
  readonly idempotencyKey: string | null;
  readonly share: Share;
  readonly signal: AbortSignal;
  authorize(): Promise<unknown>;
  isOutdated(): boolean;
}
type AnyHandler = (call: AnyCall) => Promise<Answer<OpName>>;

const MAX_ID = 128;

/**
 * Puts every handler behind the boundary of what a reader may see. Whatever the contract marks with
 * `x-masked` is translated in one place: opaque ids become ids on the way in, for every key; ids and
 * texts are masked on the way out, for a key that reads masked data. Workers are told numbers anyway and
 * get them in clear. Conversations are masked where they are rendered (conversations/show.ts).
 */
export function maskHandlers(
  ctx: Pick<Context, 'secrets'>,
  handlers: Handlers<OpName>,
): Handlers<OpName> {
  const entries = Object.entries(handlers).map(([name, handler]) => [
    name,
    maskHandler(ctx, ops[name as OpName], handler as AnyHandler),
  ]);
  return Object.fromEntries(entries) as Handlers<OpName>;
}

function maskHandler(ctx: Pick<Context, 'secrets'>, op: Op, handler: AnyHandler): AnyHandler {
  const inputs = {
    params: compileWalk(op.params),
    query: compileWalk(op.query),
    body: isSchema(op.body) ? compileWalk(op.body) : null,
    csv: op.csv ? compileWalk(op.csv.query) : null,
  };
  const output = compileWalk(op.output);
  const isWork = typeof op.permission === 'object' && op.permission.module === 'Work';
  return async (call) => {
    const { scope } = call;
    if (scope?.businessId === undefined || scope.redaction === undefined) return handler(call);
    const inBusiness = scope as Scope;
    const masking = isWork ? null : maskingOf(ctx.secrets, inBusiness);
    const opened = new Map<string, string>();
    const take = inputChange(ctx, inBusiness, masking, opened);
    const taken = takeCall(call, inputs, take);
    if (!masking) return handler(taken);
    try {
      const answer = await handler(taken);
      if (!output || !('data' in answer)) return answer;
      return maskData(answer, output, outputChange(ctx, inBusiness, masking));
    } catch (error) {
      throw error instanceof Fault ? maskFault(error, masking, opened) : error;
    }
  };
}

const maskData = <A extends CheckedData<unknown>>(answer: A, output: Walk, change: Change): A => ({
  ...answer,
  data: output(answer.data, change),
});

const isSchema = (body: Op['body']): body is TSchema => body !== null && body !== 'audio';

function takeCall(
  call: AnyCall,
  inputs: Readonly<Record<'params' | 'query' | 'body' | 'csv', Walk | null>>,
  take: Change,
): AnyCall {
  return {
    scope: call.scope,
    params: inputs.params ? inputs.params(call.params, take) : call.params,
    query: inputs.query ? inputs.query(call.query, take) : call.query,
    body: inputs.body ? inputs.body(call.body, take) : call.body,
    largeParts: call.largeParts,
    csv:
      call.csv && inputs.csv ? { ...call.csv, query: inputs.csv(call.csv.query, take) } : call.csv,
    idempotencyKey: call.idempotencyKey,
    get share() {
      return call.share;
    },
    get signal() {
      return call.signal;
    },
    authorize: () => call.authorize(),
    isOutdated: () => call.isOutdated(),
  };
}

/** Opens opaque ids, which it notes in `opened`; refuses ids that are masked for the reader. */
function inputChange(
  { secrets }: Pick<Context, 'secrets'>,
  { businessId }: Scope,
  masking: Masking | null,
  opened: Map<string, string>,
): Change {
  return (kind, value) => {
    if (typeof value !== 'string') return value;
    if (kind === 'participant') {
      if (masking && isSecretParticipant(value)) throw maskedParticipant();
      return value;
    }
    if (kind !== 'id' && kind !== 'name' && kind !== 'own-name') return value;
    const id = openId(secrets, businessId, kind === 'id' ? 'id' : 'name', value);
    if (id !== null) {
      opened.set(id, value);
      return id;
    }
    if (masking && kind !== 'own-name' && isSecretId(value)) throw maskedId();
    if (kind === 'id' && value.length > MAX_ID) {
      throw new Fault('INVALID_REQUEST', `An id has at most ${MAX_ID} characters.`);
    }
    return value;
  };
}

const maskedId = () =>
  new Fault(
    'PERMISSION_DENIED',
    'This id is masked for this key; give the opaque id that reads show, or use a key with Conversations.Unredacted.',
  );
const maskedParticipant = () =>
  new Fault(
    'PERMISSION_DENIED',
    'This id of a participant is masked for this key; give the id that GetConversation shows, or use a key with Conversations.Unredacted.',
  );

function outputChange(
  { secrets }: Pick<Context, 'secrets'>,
  { businessId }: Scope,
  masking: Masking,
): Change {
  return (kind, value) => {
    if (kind === 'json') return maskJson(value, masking);
    if (typeof value !== 'string') return value;
    if (kind === 'text') return maskText(value, masking);
    if (kind === 'participant') return value === '_mixed' ? value : masking.tokenOf(value);
    return showId(secrets, businessId, kind === 'id' ? 'id' : 'name', value);
  };
}

/** A message may quote an id that was given, or a stored value such as the name of a hold. */
function maskFault(fault: Fault, masking: Masking, opened: ReadonlyMap<string, string>): Fault {
  let message = fault.message;
  for (const [id, opaque] of opened) message = message.replaceAll(id, opaque);
  const opaque = [...opened.values()];
  const parts = opaque.length === 0 ? [message] : message.split(splitter(opaque));
  const masked = parts
    .map((part) => (opaque.includes(part) ? part : maskQuotedIds(maskText(part, masking))))
    .join('');
  if (masked === fault.message) return fault;
  const { cause, retryAfterSeconds } = fault;
  return new Fault(fault.code, masked, {
    ...(cause !== undefined && { cause }),
    ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
  });
}

/** Keeps the opaque ids as parts of their own; they hold no character that a pattern treats specially. */
const splitter = (opaque: readonly string[]) => new RegExp(`(${opaque.join('|')})`);
