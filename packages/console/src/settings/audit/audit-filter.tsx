import { ListChecks } from 'lucide-react';
import { Fragment, useId, useState } from 'react';
import { Button } from '../../ui/button.tsx';
import { toggled } from '../../ui/forms/check.tsx';
import { bind, type Edits, Field } from '../../ui/forms/field.tsx';
import { Form } from '../../ui/forms/form.tsx';
import { Menu, MenuCheck, MenuLabel } from '../../ui/overlays/menu.tsx';
import { toInstant, toLocalInput } from '../../ui/text/local-time.ts';
import { findPerson, formatPerson } from '../erasure/find-person.ts';
import { usePeople } from '../people/people-names.tsx';
import type { SettingsSearch } from '../search.ts';
import { ACTION_GROUPS, actionText, parseActions } from './audit-words.ts';

export function AuditFilterBar({ search, onChange }: Edits<'search', SettingsSearch>) {
  const people = usePeople();
  const [given, setGiven] = useState({
    subject: search.subject ?? '',
    from: toLocalInput(search.from),
    to: toLocalInput(search.to),
  });
  /** null: unchanged. The address has an id, shown as a name once people are loaded. */
  const [editedPerson, setEditedPerson] = useState<string | null>(null);
  const [fault, setFault] = useState<string | null>(null);
  const nameOf = (id: string) => {
    const known = people.get(id);
    return known ? formatPerson(known) : id;
  };
  const onSubmit = () => {
    const text = editedPerson?.trim() ?? '';
    const found = text === '' ? null : findPerson(text, people);
    setFault(found && 'fault' in found ? found.fault : null);
    if (found && 'fault' in found) return;
    onChange({
      action: search.action,
      who: editedPerson === null ? search.who : found?.id,
      subject: given.subject.trim() || undefined,
      from: toInstant(given.from) ?? undefined,
      to: toInstant(given.to) ?? undefined,
    });
  };
  const isFiltered = Object.values(search).some((value) => value !== undefined);
  const field = bind(given, setGiven);
  return (
    <Form
      onSubmit={onSubmit}
      aria-label="Filter of the audit log"
      className="grid grid-cols-1 items-start gap-3 sm:grid-cols-2 lg:grid-cols-4"
    >
      <PersonField
        people={people}
        value={editedPerson ?? nameOf(search.who ?? '')}
        fault={fault}
        onChange={(text) => {
          setEditedPerson(text);
          setFault(null);
        }}
      />
      <Field
        label="Subject"
        {...field('subject')}
        placeholder="Id or phone number"
        maxLength={128}
      />
      <Field label="From" type="datetime-local" {...field('from')} />
      <Field label="Until" type="datetime-local" {...field('to')} />
      <div className="flex flex-wrap gap-2 sm:col-span-2 lg:col-span-4">
        <ActionMenu
          actions={parseActions(search.action)}
          onChange={(next) => onChange({ ...search, action: next.join(',') || undefined })}
        />
        <Button text="Filter" type="submit" look="primary" />
        {isFiltered && <Button text="Clear all" look="quiet" onClick={() => onChange({})} />}
      </div>
    </Form>
  );
}

interface ActionMenuProps {
  readonly actions: ReturnType<typeof parseActions>;
  readonly onChange: (actions: readonly string[]) => void;
}

function ActionMenu({ actions, onChange }: ActionMenuProps) {
  return (
    <Menu
      trigger={
        <Button icon={ListChecks}>
          {actions.length === 0 && 'All actions'}
          {actions.length === 1 && actions[0] && actionText(actions[0])}
          {actions.length > 1 && `${actions.length} actions`}
        </Button>
      }
    >
      {Object.entries(ACTION_GROUPS).map(([group, all]) => (
        <Fragment key={group}>
          <MenuLabel>{group}</MenuLabel>
          {all.map((action) => (
            <MenuCheck
              key={action}
              isChecked={actions.includes(action)}
              onChange={() => onChange(toggled(actions, action))}
            >
              {actionText(action)}
            </MenuCheck>
          ))}
        </Fragment>
      ))}
    </Menu>
  );
}

interface PersonFieldProps {
  readonly people: ReturnType<typeof usePeople>;
  readonly value: string;
  readonly fault: string | null;
  readonly onChange: (text: string) => void;
}

function PersonField({ people, value, fault, onChange }: PersonFieldProps) {
  const list = useId();
  return (
    <>
      <Field
        label="Who"
        list={list}
        value={value}
        onText={onChange}
        placeholder="Name or e-mail"
        error={fault}
        maxLength={1024}
      />
      <datalist id={list}>
        {[...people].map(([id, known]) => (
          <option key={id} value={formatPerson(known)} />
        ))}
      </datalist>
    </>
  );
}
