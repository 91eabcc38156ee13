import { type FormEvent, useId, useState } from 'react';
import { useChange } from '../../api/use-op.ts';
import { useBusinessId } from '../../app-shell/business.ts';
import { Button } from '../../ui/button.tsx';
import { Field, SelectField } from '../../ui/forms/field.tsx';
import { Failure } from '../../ui/notice.tsx';
import { Dialog } from '../../ui/overlays/dialog.tsx';
import { ErasurePreview, useErasurePreview } from './erasure-preview.tsx';
import { MentionsBox } from './mentions-box.tsx';

type By = 'PhoneNumber' | 'ClientId';
type Mode = 'Erase' | 'Anonymise';

const BY = { PhoneNumber: 'Phone number', ClientId: 'Client id' } as const;
const MODES: Readonly<Record<Mode, { readonly label: string; readonly means: string }>> = {
  Erase: {
    label: 'Erase',
    means:
      'All of their conversations, recordings and calls are deleted. Only keyed hashes of the ids stay, so that they cannot be added again.',
  },
  Anonymise: {
    label: 'Anonymise',
    means:
      'Times, statuses and counts stay under new ids; what was said, recorded and written is deleted. Waiting calls are canceled.',
  },
};

export function NewErasure({ onClose }: { readonly onClose: () => void }) {
  const businessId = useBusinessId();
  const [by, setBy] = useState<By>('PhoneNumber');
  const [mode, setMode] = useState<Mode>('Erase');
  const [wantsMentions, setWantsMentions] = useState(false);
  const [given, setGiven] = useState({ person: '', again: '', reason: '' });
  const create = useChange('CreateErasure', ['GetErasures', 'GetConversations']);
  const person = given.person.trim();
  const includesMentions = wantsMentions && by === 'PhoneNumber';
  const state = useErasurePreview({ by, person, mode });
  const isSure = person !== '' && given.again.trim() === person;
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    if (!isSure) return;
    create.mutate(
      {
        ...{ businessId, [by]: person, Mode: mode, Reason: given.reason },
        ...(includesMentions && { IncludeMentions: true }),
      },
      { onSuccess: onClose },
    );
  };
  return (
    <Dialog
      title="Erase a person"
      description="From every conversation in which they are a client, and from the queues. This cannot be undone. If anything is under legal hold, nothing is erased."
      isOpen
      onClose={onClose}
    >
      <form onSubmit={onSubmit} className="flex flex-col gap-4">
        <PersonFields
          by={by}
          onBy={setBy}
          person={given.person}
          onPerson={(person) => setGiven({ ...given, person })}
        />
        <ErasurePreview {...{ by, person, mode, includesMentions, state }} />
        {by === 'PhoneNumber' && (
          <MentionsBox
            isChecked={wantsMentions}
            onChange={setWantsMentions}
            mentions={state.mentions}
          />
        )}
        <MethodFields mode={mode} onChange={setMode} />
        <Field
          label="Reason"
          dir="auto"
          value={given.reason}
          onChange={({ target }) => setGiven({ ...given, reason: target.value })}
          placeholder="Requested by the person, ticket 4711"
          hint="It stays in the list: do not include names."
          maxLength={1024}
          required
        />
        <Field
          label={`Repeat the ${by === 'PhoneNumber' ? 'number' : 'id'} to confirm`}
          dir="ltr"
          autoComplete="off"
          value={given.again}
          onChange={({ target }) => setGiven({ ...given, again: target.value })}
          error={
            given.again !== '' && !person.startsWith(given.again.trim()) ? 'Does not match.' : null
          }
        />
        {create.error && <Failure error={create.error} />}
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" look="danger" isBusy={create.isPending} disabled={!isSure}>
            {MODES[mode].label} this person
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

function PersonFields({
  by,
  onBy,
  person,
  onPerson,
}: {
  readonly by: By;
  readonly onBy: (by: By) => void;
  readonly person: string;
  readonly onPerson: (person: string) => void;
}) {
  return (
    <div className="grid grid-cols-1 gap-4 sm:grid-cols-[10rem_1fr]">
      <SelectField
        label="Identify by"
        value={by}
        onChange={({ target }) => onBy(target.value as By)}
      >
        {Object.entries(BY).map(([key, label]) => (
          <option key={key} value={key}>
            {label}
          </option>
        ))}
      </SelectField>
      <Field
        label={BY[by]}
        dir="ltr"
        value={person}
        onChange={({ target }) => onPerson(target.value)}
        placeholder={by === 'PhoneNumber' ? '+15551234567' : 'client_123'}
        hint={by === 'PhoneNumber' ? 'With country code, in any format.' : undefined}
        maxLength={by === 'PhoneNumber' ? 1024 : 128}
        required
      />
    </div>
  );
}

function MethodFields({
  mode,
  onChange,
}: {
  readonly mode: Mode;
  readonly onChange: (mode: Mode) => void;
}) {
  const radio = useId();
  return (
    <fieldset>
      <legend className="mb-1 font-medium">Method</legend>
      {(Object.keys(MODES) as Mode[]).map((one) => (
        <label key={one} className="flex items-start gap-2 py-1">
          <input
            type="radio"
            name={radio}
            className="mt-0.5 size-4 shrink-0 accent-accent"
            checked={mode === one}
            onChange={() => onChange(one)}
          />
          <span>
            {MODES[one].label}
            <span className="block text-ink-soft">{MODES[one].means}</span>
          </span>
        </label>
      ))}
    </fieldset>
  );
}
