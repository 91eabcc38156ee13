import { type Masking, maskJson, maskText } from '../redaction/mask.ts';
import { maskQuotedIds } from '../redaction/opaque-ids.ts';
import type { callToWire, historyToWire } from './to-wire.ts';

export const MASKED_NUMBER = '[PHONE]';

/** An entry as those see it who may not see the original; null: they may. */
export function maskEntry<Entry extends ReturnType<typeof callToWire>>(
  entry: Entry,
  masking: Masking | null,
): Entry {
  if (!masking) return entry;
  return {
    ...entry,
    ...('RecipientNumber' in entry && {
      RecipientNumber: MASKED_NUMBER,
      DynamicVariables: maskJson(entry.DynamicVariables, masking),
      Metadata: maskJson(entry.Metadata, masking),
    }),
    ...('CallerNumber' in entry && { CallerNumber: MASKED_NUMBER }),
    LastReason: entry.LastReason && maskText(entry.LastReason, masking),
  };
}

/** The same of a history, which names the number where the call was enqueued. */
export function maskHistory(
  history: ReturnType<typeof historyToWire>,
  number: string,
  masking: Masking,
): ReturnType<typeof historyToWire> {
  const mask = (text: string) =>
    maskQuotedIds(maskText(text.replaceAll(number, MASKED_NUMBER), masking));
  return {
    Entries: history.Entries.map((entry) => ({
      ...entry,
      Reason: entry.Reason && mask(entry.Reason),
      Details: mask(entry.Details),
    })),
  };
}
