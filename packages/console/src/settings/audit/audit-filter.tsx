import { ListChecks } from 'lucide-react';
import { type FormEvent, Fragment, useId, useState } from 'react';
import { Button, buttonClass } from '../../ui/button.tsx';
import { Field } from '../../ui/forms/field.tsx';
import { Menu, MenuCheck, MenuLabel } from '../../ui/overlays/menu.tsx';
import { instantOf, localOf } from '../../ui/text/local-time.ts';
import { findPerson, personText } from '../erasure/find-person.ts';
import { usePeople } from '../people/people-names.tsx';
import type { SettingsSearch } from '../search.ts';
import { ACTION_GROUPS, actionsOf, actionText } from './audit-words.ts';

/** What the log is narrowed to. */
export function AuditFilterBar({
  search,
  onChange,
}: {
  readonly search: SettingsSearch;
  readonly onChange: (search: SettingsSearch) => void;
}) {
  const list = useId();
  const people = usePeople();
  const [given, setGiven] = useState({
    subject: search.subject ?? '',
    from: localOf(search.from),
    to: localOf(search.to),
  });
  /** null: as the address has it, whose id is a name once people are known. */
  const [givenWho, setWho] = useState<string | null>(null);
  const [fault, setFault] = useState<string | null>(null);
  const whoOf = (id: string) => {
    const known = people.get(id);
    return known ? personText(known) : id;
  };
  const actions = actionsOf(search.action);
  const setActions = (next: readonly string[]) =>
    onChange({ ...search, action: next.join(',') || undefined });
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    const text = givenWho?.trim() ?? '';
    const found = text === '' ? null : findPerson(text, people);
    setFault(found && 'fault' in found ? found.fault : null);
    if (found && 'fault' in found) return;
    onChange({
      action: search.action,
      who: givenWho === null ? search.who : found?.id,
      subject: given.subject.trim() || undefined,
      from: instantOf(given.from) ?? undefined,
      to: instantOf(given.to) ?? undefined,
    });
  };
  const isFiltered = Object.values(search).some((value) => value !== undefined);
  return (
    <form
      onSubmit={onSubmit}
      aria-label="Filter of the audit log"
      className="grid grid-cols-1 items-start gap-3 sm:grid-cols-2 lg:grid-cols-4"
    >
      <Field
        label="Who"
        list={list}
        value={givenWho ?? whoOf(search.who ?? '')}
        onChange={({ target }) => {
          setWho(target.value);
          setFault(null);
        }}
        placeholder="Name or e-mail"
        error={fault}
        maxLength={1024}
      />
      <datalist id={list}>
        {[...people].map(([id, known]) => (
          <option key={id} value={personText(known)} />
        ))}
      </datalist>
      <Field
        label="Subject"
        value={given.subject}
        onChange={({ target }) => setGiven({ ...given, subject: target.value })}
        placeholder="Id or phone number"
        maxLength={128}
      />
      <Field
        label="From"
        type="datetime-local"
        value={given.from}
        onChange={({ target }) => setGiven({ ...given, from: target.value })}
      />
      <Field
        label="Until"
        type="datetime-local"
        value={given.to}
        onChange={({ target }) => setGiven({ ...given, to: target.value })}
      />
      <div className="flex flex-wrap gap-2 sm:col-span-2 lg:col-span-4">
        <Menu
          trigger={
            <button type="button" className={buttonClass()}>
              <ListChecks aria-hidden size={14} />
              {actions.length === 0 && 'All actions'}
              {actions.length === 1 && actions[0] && actionText(actions[0])}
              {actions.length > 1 && `${actions.length} actions`}
            </button>
          }
        >
          {Object.entries(ACTION_GROUPS).map(([group, all]) => (
            <Fragment key={group}>
              <MenuLabel>{group}</MenuLabel>
              {all.map((action) => (
                <MenuCheck
                  key={action}
                  isChecked={actions.includes(action)}
                  onChange={(isChecked) =>
                    setActions(
                      isChecked ? [...actions, action] : actions.filter((one) => one !== action),
                    )
                  }
                >
                  {actionText(action)}
                </MenuCheck>
              ))}
            </Fragment>
          ))}
        </Menu>
        <Button type="submit" look="primary">
          Filter
        </Button>
        {isFiltered && (
          <Button look="quiet" onClick={() => onChange({})}>
            Clear all
          </Button>
        )}
      </div>
    </form>
  );
}
