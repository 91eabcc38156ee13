import { useId, useState } from 'react';
import { useChange } from '../../api/use-op.ts';
import { useBusinessId } from '../../app-shell/business.ts';
import { Check } from '../../ui/forms/check.tsx';
import { bind, type Edits, Field, Options, SelectField } from '../../ui/forms/field.tsx';
import { DialogForm } from '../../ui/forms/form.tsx';
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
  const onSubmit = () => {
    if (!isSure) return;
    create.mutate(
      {
        businessId,
        [by]: person,
        Mode: mode,
        Reason: given.reason,
        ...(includesMentions && { IncludeMentions: true }),
      },
      { onSuccess: onClose },
    );
  };
  const field = bind(given, setGiven);
  return (
    <Dialog
      title="Erase a person"
      description="From every conversation in which they are a client, and from the queues. This cannot be undone. If anything is under legal hold, nothing is erased."
      isOpen
      onClose={onClose}
    >
      <DialogForm
        submit={`${MODES[mode].label} this person`}
        look="danger"
        className="flex flex-col gap-4"
        isDisabled={!isSure}
        change={create}
        onSubmit={onSubmit}
        onCancel={onClose}
      >
        <PersonFields
          by={by}
          onBy={setBy}
          person={given.person}
          onPerson={(person) => setGiven({ ...given, person })}
        />
        <ErasurePreview
          by={by}
          person={person}
          mode={mode}
          includesMentions={includesMentions}
          state={state}
        />
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
          {...field('reason')}
          placeholder="Requested by the person, ticket 4711"
          hint="It stays in the list: do not include names."
          maxLength={1024}
          required
        />
        <RepeatField by={by} person={person} {...field('again')} />
      </DialogForm>
    </Dialog>
  );
}

interface RepeatFieldProps {
  readonly by: By;
  readonly person: string;
  readonly value: string;
  readonly onText: (text: string) => void;
}

function RepeatField({ by, person, value, onText }: RepeatFieldProps) {
  const isDifferent = value !== '' && !person.startsWith(value.trim());
  return (
    <Field
      label={`Repeat the ${by === 'PhoneNumber' ? 'number' : 'id'} to confirm`}
      dir="ltr"
      autoComplete="off"
      value={value}
      onText={onText}
      error={isDifferent ? 'Does not match.' : null}
    />
  );
}

interface PersonFieldsProps {
  readonly by: By;
  readonly onBy: (by: By) => void;
  readonly person: string;
  readonly onPerson: (person: string) => void;
}

function PersonFields({ by, onBy, person, onPerson }: PersonFieldsProps) {
  return (
    <div className="grid grid-cols-1 gap-4 sm:grid-cols-[10rem_1fr]">
      <SelectField label="Identify by" value={by} onText={(text) => onBy(text as By)}>
        <Options of={Object.entries(BY)} />
      </SelectField>
      <Field
        label={BY[by]}
        dir="ltr"
        value={person}
        onText={onPerson}
        placeholder={by === 'PhoneNumber' ? '+15551234567' : 'client_123'}
        hint={by === 'PhoneNumber' ? 'With country code, in any format.' : undefined}
        maxLength={by === 'PhoneNumber' ? 1024 : 128}
        required
      />
    </div>
  );
}

function MethodFields({ mode, onChange }: Edits<'mode', Mode>) {
  const radio = useId();
  return (
    <fieldset>
      <legend className="mb-1 font-medium">Method</legend>
      {(Object.keys(MODES) as Mode[]).map((one) => (
        <Check
          key={one}
          type="radio"
          name={radio}
          checked={mode === one}
          layout="flex items-start gap-2 py-1"
          className="mt-0.5"
          onCheck={() => onChange(one)}
        >
          <span>
            {MODES[one].label}
            <span className="block text-ink-soft">{MODES[one].means}</span>
          </span>
        </Check>
      ))}
    </fieldset>
  );
}
