import { type Masking, maskJson, maskText } from '../../redaction/mask.ts';
import { maskQuotedIds } from '../../redaction/opaque-ids.ts';
import type { WireCall, WireHistory } from '../to-wire.ts';
import type { Call, DecisionRow } from './call.ts';

export const MASKED_NUMBER = '[PHONE]';

/** Reasons that tell what else is known of a number, and so whether a guess of it is right. */
const OF_NUMBERS: ReadonlySet<string | null> = new Set([
  'DO_NOT_CALL',
  'NUMBER_CAPPED',
  'DUPLICATE',
]);

/** Whether a row of the history is left out for masked readers. */
export const isConcealed = ({ decision, reason }: Pick<DecisionRow, 'decision' | 'reason'>) =>
  decision === 'HeldBack' && OF_NUMBERS.has(reason);

/** A call that is held back for what is known of its number, as if it were due and waited for a worker. */
export function concealHold<C extends Call>(call: C, masking: Masking | null): C {
  if (!masking || call.status !== 'Queued' || !OF_NUMBERS.has(call.lastReason)) return call;
  return { ...call, lastReason: null, nextAttemptAt: call.heldDueAt ?? call.nextAttemptAt };
}

/** An entry as those see it who may not see the original; null: they may. */
export function maskEntry<Entry extends WireCall>(entry: Entry, masking: Masking | null): Entry {
  if (!masking) return entry;
  return {
    ...entry,
    ...('RecipientNumber' in entry && {
      RecipientNumber: MASKED_NUMBER,
      DynamicVariables: maskJson(entry.DynamicVariables, masking),
      Metadata: maskJson(entry.Metadata, masking),
    }),
    // Not null either: that would tell that the caller id is not a number.
    ...('CallerNumber' in entry && { CallerNumber: MASKED_NUMBER, CallerE164: MASKED_NUMBER }),
    LastReason: OF_NUMBERS.has(entry.LastReason)
      ? null
      : entry.LastReason && maskText(entry.LastReason, masking),
  };
}

/** The same of a history without concealed rows, which names the caller or recipient where the call was enqueued. */
export function maskHistory(
  history: WireHistory,
  numbers: readonly string[],
  masking: Masking,
): WireHistory {
  const withoutNumbers = (text: string) =>
    numbers.reduce((rest, number) => rest.replaceAll(number, MASKED_NUMBER), text);
  const mask = (text: string) => maskQuotedIds(maskText(withoutNumbers(text), masking));
  return {
    Entries: history.Entries.map((entry) =>
      OF_NUMBERS.has(entry.Reason)
        ? { ...entry, Reason: null, Details: `${entry.Decision}.` }
        : { ...entry, Reason: entry.Reason && mask(entry.Reason), Details: mask(entry.Details) },
    ),
  };
}
