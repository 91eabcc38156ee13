import { useId } from 'react';
import { pluralize } from '../../ui/text/count.ts';
import { MAX_MENTIONS } from './erasure-preview.tsx';

/** Whether the erasure also replaces the number in conversations that mention it. */
export function MentionsBox({
  isChecked,
  onChange,
  mentions,
}: {
  readonly isChecked: boolean;
  readonly onChange: (isChecked: boolean) => void;
  /** Mentions that the preview found; null: unknown. */
  readonly mentions: number | null;
}) {
  const hint = useId();
  return (
    <label className="flex items-start gap-2">
      <input
        type="checkbox"
        className="mt-0.5 size-4 shrink-0 accent-accent"
        checked={isChecked}
        onChange={({ target }) => onChange(target.checked)}
        aria-describedby={hint}
      />
      <span>
        Also remove the number where other conversations mention it
        {mentions !== null && ` (${foundText(mentions)})`}
        <span id={hint} className="block text-ink-soft">
          Their texts get <code>[ERASED]</code> in its place; the conversations stay. So do other
          calls in the queues, with their texts changed likewise. Found is the number with its
          country code or as it is written in its country, in digits or English words; not without
          its area code, nor split over several messages or log lines. Recordings are not changed,
          and neither are conversations under legal hold.
        </span>
      </span>
    </label>
  );
}

function foundText(count: number): string {
  const found = pluralize(count, 'conversation', 'conversations');
  return count < MAX_MENTIONS ? found : `at least ${found}`;
}
