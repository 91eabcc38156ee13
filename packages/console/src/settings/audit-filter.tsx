import { ListChecks } from 'lucide-react';
import { type FormEvent, Fragment, useId, useState } from 'react';
import { Button, buttonClass } from '../ui/button.tsx';
import { Field } from '../ui/field.tsx';
import { instantOf, localOf } from '../ui/local-time.ts';
import { Menu, MenuCheck, MenuLabel } from '../ui/menu.tsx';
import { ACTION_GROUPS, actionsOf, actionText } from './audit-words.ts';
import { useNames } from './people-names.tsx';
import type { SettingsSearch } from './search.ts';

/** What the log is narrowed to. */
export function AuditFilterBar({
  search,
  onChange,
}: {
  readonly search: SettingsSearch;
  readonly onChange: (search: SettingsSearch) => void;
}) {
  const people = useId();
  const names = useNames();
  const [given, setGiven] = useState({
    who: search.who ?? '',
    subject: search.subject ?? '',
    from: localOf(search.from),
    to: localOf(search.to),
  });
  const actions = actionsOf(search.action);
  const setActions = (next: readonly string[]) =>
    onChange({ ...search, action: next.join(',') || undefined });
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    onChange({
      action: search.action,
      who: given.who.trim() || undefined,
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
      className="grid items-end grid-cols-1 gap-3 sm:grid-cols-2 lg:grid-cols-4"
    >
      <Field
        label="Who"
        list={people}
        value={given.who}
        onChange={({ target }) => setGiven({ ...given, who: target.value })}
        placeholder="Id of a user"
        maxLength={128}
      />
      <datalist id={people}>
        {[...names].map(([id, name]) => (
          <option key={id} value={id}>
            {name}
          </option>
        ))}
      </datalist>
      <Field
        label="To what"
        value={given.subject}
        onChange={({ target }) => setGiven({ ...given, subject: target.value })}
        placeholder="Id, or phone number"
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
              {actions.length === 0 && 'Every action'}
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
