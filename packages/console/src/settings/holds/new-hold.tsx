import { type FormEvent, useId, useState } from 'react';
import { failureMessage } from '../../api/failure.ts';
import { useChange, useOp } from '../../api/use-op.ts';
import { useBusinessId, useMay } from '../../app-shell/business.ts';
import { LISTS } from '../../conversations/search.ts';
import { useDebounced } from '../../ui/browser/use-debounced.ts';
import { Button } from '../../ui/button.tsx';
import { Field, TextAreaField } from '../../ui/forms/field.tsx';
import { Failure } from '../../ui/notice.tsx';
import { Dialog } from '../../ui/overlays/dialog.tsx';
import { formatCount, pluralize } from '../../ui/text/count.ts';
import { toInstant } from '../../ui/text/local-time.ts';
import { NameBoxes } from '../name-boxes.tsx';
import { HELD_STATUSES, type HoldFilter } from './hold-filter.ts';

type Way = 'filter' | 'ids';
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
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    create.mutate({
      ...{ businessId, Name: given.name, Reason: given.reason },
      ...(way === 'ids' ? { SessionIds: ids } : { Filter: filter }),
    });
  };
  if (create.data) {
    return (
      <Dialog title={`${given.name} is in force`} isOpen onClose={onClose}>
        <HoldCreated held={create.data.Held} way={way} onClose={onClose} />
      </Dialog>
    );
  }
  return (
    <Dialog title="New hold" isOpen onClose={onClose} isWide>
      <form onSubmit={onSubmit} className="flex flex-col gap-4">
        <NameFields given={given} onChange={set} />
        <fieldset>
          <legend className="mb-1 font-medium">What it holds</legend>
          <Choice
            label="All that match a filter, including future ones"
            name={radio}
            isChosen={way === 'filter'}
            onChoose={() => setWay('filter')}
          />
          <Choice
            label="Specific conversations, by id"
            name={radio}
            isChosen={way === 'ids'}
            onChoose={() => setWay('ids')}
          />
        </fieldset>
        {way === 'ids' ? (
          <TextAreaField
            label="Conversation ids"
            value={given.ids}
            onChange={({ target }) => set({ ids: target.value })}
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
        {create.error && <Failure error={create.error} />}
        <div className="flex flex-wrap items-center justify-end gap-2">
          <p role="status" className="me-auto text-ink-soft tabular">
            {way === 'ids' ? (
              `Would hold ${formatCount(ids.length)}.`
            ) : (
              <FilterCount filter={filter} />
            )}
          </p>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            type="submit"
            look="primary"
            isBusy={create.isPending}
            disabled={way === 'ids' && (ids.length === 0 || ids.length > MAX_IDS)}
          >
            Hold
          </Button>
        </div>
      </form>
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

function Choice({
  label,
  name,
  isChosen,
  onChoose,
}: {
  readonly label: string;
  readonly name: string;
  readonly isChosen: boolean;
  readonly onChoose: () => void;
}) {
  return (
    <label className="flex min-h-7 items-center gap-2">
      <input
        type="radio"
        name={name}
        className="size-4 accent-accent"
        checked={isChosen}
        onChange={onChoose}
      />
      {label}
    </label>
  );
}

interface FieldsProps {
  readonly given: typeof NOTHING;
  readonly onChange: (change: Partial<typeof NOTHING>) => void;
}

function FilterFields({ given, onChange }: FieldsProps) {
  return (
    <>
      <div className="grid grid-cols-1 gap-4 sm:grid-cols-2">
        <Field
          label="Started at or after"
          type="datetime-local"
          value={given.from}
          onChange={({ target }) => onChange({ from: target.value })}
        />
        <Field
          label="Started at or before"
          type="datetime-local"
          value={given.to}
          onChange={({ target }) => onChange({ to: target.value })}
        />
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

function HoldCreated({
  held,
  way,
  onClose,
}: {
  readonly held: number;
  readonly way: Way;
  readonly onClose: () => void;
}) {
  return (
    <>
      <p>
        It holds {pluralize(held, 'conversation', 'conversations')} now
        {way === 'filter' && ', and future ones that match'}.
      </p>
      <div className="mt-5 flex justify-end">
        <Button look="primary" onClick={onClose}>
          Done
        </Button>
      </div>
    </>
  );
}

function NameFields({ given, onChange }: FieldsProps) {
  return (
    <div className="grid grid-cols-1 gap-4 sm:grid-cols-2">
      <Field
        label="Name"
        dir="auto"
        placeholder="Case 2026-17"
        value={given.name}
        onChange={({ target }) => onChange({ name: target.value })}
        maxLength={1024}
        required
      />
      <Field
        label="Reason"
        dir="auto"
        placeholder="Who asked for it, and when"
        value={given.reason}
        onChange={({ target }) => onChange({ reason: target.value })}
        maxLength={1024}
        required
      />
    </div>
  );
}
