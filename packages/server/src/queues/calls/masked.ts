import type { OpName } from '@colloquy/wire';
import type { Scope } from '../../access/authorization/scope.ts';
import type { Context } from '../../context.ts';
import { auditRead } from '../../conversations/masking/masked.ts';
import { type Masking, maskJson, maskText } from '../../redaction/mask.ts';
import { maskQuotedIds } from '../../redaction/opaque-ids.ts';
import type { WireCall, WireHistory } from '../to-wire.ts';
import type { Call, DecisionRow } from './call.ts';

export const MASKED_NUMBER = '[PHONE]';

/** Their reasons would confirm a guess of the number. */
const NUMBER_REASONS: ReadonlySet<string | null> = new Set([
  'DO_NOT_CALL',
  'NUMBER_CAPPED',
  'DUPLICATE',
]);

export const isConcealed = ({ decision, reason }: Pick<DecisionRow, 'decision' | 'reason'>) =>
  decision === 'HeldBack' && NUMBER_REASONS.has(reason);

/** Shows a call as due that is deferred because of its number. */
export function concealDeferral<C extends Call>(call: C, masking: Masking | null): C {
  if (!masking || call.status !== 'Queued' || !NUMBER_REASONS.has(call.lastReason)) return call;
  return { ...call, lastReason: null, nextAttemptAt: call.heldDueAt ?? call.nextAttemptAt };
}

export function maskEntry<Entry extends WireCall>(entry: Entry, masking: Masking | null): Entry {
  if (!masking) return entry;
  return {
    ...entry,
    ...('RecipientNumber' in entry && {
      RecipientNumber: MASKED_NUMBER,
      DynamicVariables: maskJson(entry.DynamicVariables, masking),
      Metadata: maskJson(entry.Metadata, masking),
    }),
    // Not null, which would reveal that the caller id is not a number.
    ...('CallerNumber' in entry && { CallerNumber: MASKED_NUMBER, CallerE164: MASKED_NUMBER }),
    LastReason: NUMBER_REASONS.has(entry.LastReason)
      ? null
      : entry.LastReason && maskText(entry.LastReason, masking),
  };
}

/** The first entry names the caller or recipient, in one of `numbers`. */
export function maskHistory(
  history: WireHistory,
  numbers: readonly string[],
  masking: Masking,
): WireHistory {
  const maskNumbers = (text: string) =>
    numbers.reduce((rest, number) => rest.replaceAll(number, MASKED_NUMBER), text);
  const mask = (text: string) => maskQuotedIds(maskText(maskNumbers(text), masking));
  return {
    Entries: history.Entries.map((entry) =>
      NUMBER_REASONS.has(entry.Reason)
        ? { ...entry, Reason: null, Details: `${entry.Decision}.` }
        : { ...entry, Reason: entry.Reason && mask(entry.Reason), Details: mask(entry.Details) },
    ),
  };
}

export const noteCalls = (
  ctx: Pick<Context, 'db' | 'clock' | 'secrets'>,
  scope: Scope,
  operation: OpName,
  calls: readonly { readonly id: string }[],
) => auditRead(ctx, scope, { operation, kind: 'QueueEntry', ids: calls.map(({ id }) => id) });
