import { QUEUE_STATUS } from '@colloquy/wire';
import { useState } from 'react';
import { useBusiness } from '../app-shell/business.ts';
import { FIRST_PAGE } from '../app-shell/pager.tsx';
import { Chip } from '../ui/chip.tsx';
import { classNames } from '../ui/class-names.ts';
import { INPUT } from '../ui/forms/field.tsx';
import { Form } from '../ui/forms/form.tsx';
import { formatRange } from '../ui/text/time.tsx';
import { CallFilter, type CallFilterProps as Props } from './call-filter.tsx';
import { useStatusCounts } from './calls/status-counts.ts';
import { type CallsSearch, type FILTER_KEYS, parseStatuses } from './search.ts';

export function StatusTabs({ direction, search, onChange }: Props) {
  const counts = useStatusCounts(direction, search);
  const chosen = parseStatuses(search.status);
  return (
    <fieldset className="flex flex-wrap gap-2">
      <legend className="sr-only">Status</legend>
      {QUEUE_STATUS.names.map((status) => {
        const isChosen = chosen.length === 1 && chosen[0] === status;
        return (
          <button
            key={status}
            type="button"
            aria-pressed={isChosen}
            onClick={() =>
              onChange({ ...search, ...FIRST_PAGE, status: isChosen ? undefined : status })
            }
            className={classNames(
              'flex min-w-24 flex-col rounded-lg border px-3 py-1.5 text-start',
              isChosen ? 'border-accent bg-accent-soft' : 'border-line bg-surface hover:bg-sunken',
            )}
          >
            <span className="text-xs text-ink-soft">{status}</span>
            <span className="text-lg font-semibold tabular">{counts[status]}</span>
          </button>
        );
      })}
    </fieldset>
  );
}

const CHIPS: readonly {
  readonly keys: readonly (typeof FILTER_KEYS)[number][];
  readonly label: string;
}[] = [
  { keys: ['status'], label: 'Status' },
  { keys: ['due'], label: 'Due' },
  { keys: ['campaign'], label: 'Campaign' },
  { keys: ['number'], label: 'Number' },
  { keys: ['from', 'to'], label: 'Enqueued' },
  { keys: ['endedfrom', 'endedto'], label: 'Ended' },
];

export function FilterChips({ direction, search, onChange }: Props) {
  // The server refuses this search for masked readers, who could confirm a guessed number.
  const { IsMasked: isMasked } = useBusiness();
  const [given, setGiven] = useState('');
  const onSubmit = () => {
    onChange({ ...search, ...FIRST_PAGE, number: given.trim() || undefined });
    setGiven('');
  };
  return (
    <div className="flex flex-wrap items-center gap-2">
      {!isMasked && (
        <Form onSubmit={onSubmit} className="w-full sm:w-60">
          <input
            className={INPUT}
            value={given}
            onChange={({ target }) => setGiven(target.value)}
            placeholder="Find a number: +15551234567"
            aria-label="Find a number"
            inputMode="tel"
            maxLength={64}
          />
        </Form>
      )}
      <CallFilter direction={direction} search={search} onChange={onChange} />
      {CHIPS.filter(({ keys }) => keys.some((key) => search[key] !== undefined)).map(
        ({ keys, label }) => (
          <Chip
            key={label}
            label={label}
            onRemove={() => {
              const without = Object.fromEntries(keys.map((key) => [key, undefined]));
              onChange({ ...search, ...FIRST_PAGE, ...without });
            }}
          >
            {chipText(search, keys)}
          </Chip>
        ),
      )}
    </div>
  );
}

function chipText(search: CallsSearch, keys: readonly (typeof FILTER_KEYS)[number][]): string {
  const [from, to] = keys;
  if (from === undefined) return '';
  if (to === undefined) return (search[from] ?? '').replaceAll(',', ' or ');
  return formatRange(search[from], search[to]);
}
