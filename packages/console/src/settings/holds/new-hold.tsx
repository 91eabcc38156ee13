import { useId, useState } from 'react';
import { failureMessage } from '../../api/failure.ts';
import { useChange, useOp } from '../../api/use-op.ts';
import { useBusinessId, useMay } from '../../app-shell/business.ts';
import { LISTS } from '../../conversations/search.ts';
import { useDebounced } from '../../ui/browser/use-debounced.ts';
import { Button } from '../../ui/button.tsx';
import { Check } from '../../ui/forms/check.tsx';
import { bind, Field, TextAreaField } from '../../ui/forms/field.tsx';
import { DialogForm } from '../../ui/forms/form.tsx';
import { Dialog } from '../../ui/overlays/dialog.tsx';
import { formatCount, pluralize } from '../../ui/text/count.ts';
import { toInstant } from '../../ui/text/local-time.ts';
import { NameBoxes } from '../name-boxes.tsx';
import { HELD_STATUSES, type HoldFilter } from './hold-filter.ts';

const WAYS = {
  filter: 'All that match a filter, including future ones',
  ids: 'Specific conversations, by id',
} as const;
type Way = keyof typeof WAYS;
const MAX_IDS = 1_000;
const REST_MILLISECONDS = 500;
const NOTHING = {
  name: '',
  reason: '',
  ids: '',
  from: '',
  to: '',
  statuses: [] as readonly string[],
  types: [] as readonly string[],
  outcomes: [] as readonly string[],
};

export function NewHold({ onClose }: { readonly onClose: () => void }) {
  const businessId = useBusinessId();
  const radio = useId();
  const [way, setWay] = useState<Way>('filter');
  const [given, setGiven] = useState(NOTHING);
  const set = (change: Partial<typeof NOTHING>) => setGiven({ ...given, ...change });
  const create = useChange('CreateHold', ['GetHolds']);
  const ids = [...new Set(given.ids.split(/[\s,;]+/).filter(Boolean))];
  const filter = toFilter(given);
  const onSubmit = () =>
    create.mutate({
      businessId,
      Name: given.name,
      Reason: given.reason,
      ...(way === 'ids' ? { SessionIds: ids } : { Filter: filter }),
    });
  if (create.data) {
    return (
      <Dialog title={`${given.name} is in force`} isOpen onClose={onClose}>
        <p>
          It holds {pluralize(create.data.Held, 'conversation')} now
          {way === 'filter' && ', and future ones that match'}.
        </p>
        <div className="mt-5 flex justify-end">
          <Button text="Done" look="primary" onClick={onClose} />
        </div>
      </Dialog>
    );
  }
  const field = bind(given, set);
  return (
    <Dialog title="New hold" isOpen onClose={onClose} isWide>
      <DialogForm
        submit="Hold"
        className="flex flex-col gap-4"
        isDisabled={way === 'ids' && (ids.length === 0 || ids.length > MAX_IDS)}
        change={create}
        note={
          <p role="status" className="me-auto text-ink-soft tabular">
            {way === 'ids' ? (
              `Would hold ${formatCount(ids.length)}.`
            ) : (
              <FilterCount filter={filter} />
            )}
          </p>
        }
        onSubmit={onSubmit}
        onCancel={onClose}
      >
        <NameFields given={given} onChange={set} />
        <fieldset>
          <legend className="mb-1 font-medium">What it holds</legend>
          {Object.entries(WAYS).map(([one, label]) => (
            <Check
              key={one}
              type="radio"
              name={radio}
              layout="flex min-h-7 items-center gap-2"
              checked={way === one}
              onCheck={() => setWay(one as Way)}
            >
              {label}
            </Check>
          ))}
        </fieldset>
        {way === 'ids' ? (
          <TextAreaField
            label="Conversation ids"
            {...field('ids')}
            placeholder={'session_abc123\nsession_def456'}
            hint={`One per line, up to ${formatCount(MAX_IDS)}.`}
            error={
              ids.length > MAX_IDS
                ? `Enter at most ${formatCount(MAX_IDS)} ids. These are ${formatCount(ids.length)}.`
                : null
            }
            required
          />
        ) : (
          <FilterFields given={given} onChange={set} />
        )}
      </DialogForm>
    </Dialog>
  );
}

function toFilter({ statuses, types, outcomes, from, to }: typeof NOTHING): HoldFilter {
  return {
    ...(statuses.length > 0 && { SessionStates: [...statuses] }),
    ...(types.length > 0 && { SessionInitiationTypes: [...types] }),
    ...(outcomes.length > 0 && { SessionEndTypes: [...outcomes] }),
    ...(from !== '' && { StartStartedDate: toInstant(from) }),
    ...(to !== '' && { EndStartedDate: toInstant(to) }),
  } as HoldFilter;
}

function FilterCount({ filter }: { readonly filter: HoldFilter }) {
  const businessId = useBusinessId();
  const mayRead = useMay()('Conversations.ConversationPermissions', 'Retrieving');
  const text = JSON.stringify(filter);
  const debounced = useDebounced(text, REST_MILLISECONDS);
  const { data, error } = useOp(
    'GetConversations',
    { businessId, Limit: 1, Filter: JSON.parse(debounced) as HoldFilter },
    { enabled: mayRead },
  );
  if (!mayRead) return null;
  if (error && debounced === text) return `Could not be counted: ${failureMessage(error)}`;
  return data && debounced === text
    ? `Would hold ${formatCount(data.TotalCount)} now.`
    : 'Counting…';
}

interface FieldsProps {
  readonly given: typeof NOTHING;
  readonly onChange: (change: Partial<typeof NOTHING>) => void;
}

function FilterFields({ given, onChange }: FieldsProps) {
  const field = bind(given, onChange);
  return (
    <>
      <div className="grid grid-cols-1 gap-4 sm:grid-cols-2">
        <Field label="Started at or after" type="datetime-local" {...field('from')} />
        <Field label="Started at or before" type="datetime-local" {...field('to')} />
      </div>
      <NameBoxes
        label="Types (none selected: any)"
        names={LISTS.type.names}
        chosen={given.types}
        onChange={(types) => onChange({ types })}
      />
      <NameBoxes
        label="Outcomes (none selected: any)"
        names={LISTS.outcome.names}
        chosen={given.outcomes}
        onChange={(outcomes) => onChange({ outcomes })}
      />
      <NameBoxes
        label="Status (none selected: any)"
        names={HELD_STATUSES}
        chosen={given.statuses}
        onChange={(statuses) => onChange({ statuses })}
      />
    </>
  );
}

function NameFields({ given, onChange }: FieldsProps) {
  const field = bind(given, onChange);
  return (
    <div className="grid grid-cols-1 gap-4 sm:grid-cols-2">
      <Field
        label="Name"
        dir="auto"
        placeholder="Case 2026-17"
        {...field('name')}
        maxLength={1024}
        required
      />
      <Field
        label="Reason"
        dir="auto"
        placeholder="Who asked for it, and when"
        {...field('reason')}
        maxLength={1024}
        required
      />
    </div>
  );
}
