import { useId } from 'react';
import { Check } from '../../ui/forms/check.tsx';
import { pluralize } from '../../ui/text/count.ts';
import { MAX_MENTIONS } from './erasure-preview.tsx';

interface Props {
  readonly isChecked: boolean;
  readonly onChange: (isChecked: boolean) => void;
  readonly mentions: number | null;
}

export function MentionsBox({ isChecked, onChange, mentions }: Props) {
  const hint = useId();
  return (
    <Check
      layout="flex items-start gap-2"
      className="mt-0.5"
      checked={isChecked}
      onCheck={onChange}
      aria-describedby={hint}
    >
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
    </Check>
  );
}

function foundText(count: number): string {
  const found = pluralize(count, 'conversation');
  return count < MAX_MENTIONS ? found : `at least ${found}`;
}
