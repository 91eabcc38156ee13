import { type Op, type OpName, ops } from '@colloquy/wire';
import type { TSchema } from 'typebox';
import type { Answer, Call, CheckedData, Handlers } from '../access/authorization/call.ts';
import type { Scope } from '../access/authorization/scope.ts';
import type { Context } from '../context.ts';
import { maskingOf } from '../conversations/masking/masked.ts';
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

interface AnyCall extends Record<keyof Call<OpName>, unknown> {
  readonly scope: Partial<Scope> | null;
  readonly csv: { readonly query: unknown } | null;
  authorize(): Promise<unknown>;
  isOutdated(): boolean;
}
type AnyHandler = (call: AnyCall) => Promise<Answer<OpName>>;

const MAX_ID = 128;

/**
 * Opens opaque ids of inputs; masks outputs by `x-masked` for keys that read masked data. Workers
 * get real numbers to dial. Conversations are masked in conversations/show.ts.
 */
export function maskHandlers(ctx: Pick<Context, 'secrets'>, handlers: Handlers<OpName>) {
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
    const change = inputChange(ctx, inBusiness, masking, opened);
    const translated = translateCall(call, inputs, change);
    if (!masking) return handler(translated);
    try {
      const answer = await handler(translated);
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

function translateCall(
  call: AnyCall,
  inputs: Readonly<Record<'params' | 'query' | 'body' | 'csv', Walk | null>>,
  change: Change,
): AnyCall {
  const params = inputs.params ? inputs.params(call.params, change) : call.params;
  const query = inputs.query ? inputs.query(call.query, change) : call.query;
  const body = inputs.body ? inputs.body(call.body, change) : call.body;
  const csv =
    call.csv && inputs.csv ? { ...call.csv, query: inputs.csv(call.csv.query, change) } : call.csv;
  const isSame = params === call.params && query === call.query && body === call.body;
  if (isSame && csv === call.csv) return call;
  return {
    scope: call.scope,
    params,
    query,
    body,
    csv,
    largeParts: call.largeParts,
    idempotencyKey: call.idempotencyKey,
    ifNoneMatch: call.ifNoneMatch,
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

/** Faults: PERMISSION_DENIED for ids that are masked for the reader; INVALID_REQUEST. */
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

/** Messages may quote an id of the request or a stored name. */
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

/** Opaque ids contain no characters that are special in a pattern. */
const splitter = (opaque: readonly string[]) => new RegExp(`(${opaque.join('|')})`);
