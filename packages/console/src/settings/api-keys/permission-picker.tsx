import { useId } from 'react';
import { useMay } from '../../app-shell/business.ts';
import {
  MODULE_WORDS,
  type Module,
  type Permissions,
  type PermissionType,
} from '../people/roles.ts';

const BOX = 'size-4 shrink-0 accent-accent';

/** Permissions of a key: all of its user (null), or a selection of the user's own. */
export function PermissionPicker({
  value,
  onChange,
}: {
  readonly value: Permissions | null;
  readonly onChange: (value: Permissions | null) => void;
}) {
  const id = useId();
  const may = useMay();
  const toggle = (module: Module, type: PermissionType, isHeld: boolean) => {
    const before = value?.[module] ?? [];
    const types = isHeld ? [...before, type] : before.filter((one) => one !== type);
    const { [module]: _was, ...others } = value ?? {};
    onChange(types.length > 0 ? { ...others, [module]: types } : others);
  };
  return (
    <fieldset>
      <legend className="mb-1 font-medium">Permissions</legend>
      <label className="flex min-h-7 items-center gap-2">
        <input
          type="radio"
          name={id}
          className={BOX}
          checked={value === null}
          onChange={() => onChange(null)}
        />
        All permissions of its user
      </label>
      <label className="flex min-h-7 items-center gap-2">
        <input
          type="radio"
          name={id}
          className={BOX}
          checked={value !== null}
          onChange={() => onChange({ 'Conversations.ConversationPermissions': ['Retrieving'] })}
        />
        Only these:
      </label>
      {value !== null && (
        <dl className="mt-1 grid grid-cols-1 gap-x-6 gap-y-1 ps-6 sm:grid-cols-[auto_1fr]">
          {(Object.keys(MODULE_WORDS) as Module[]).map((module) => (
            <div key={module} className="contents">
              <dt className="pt-0.5 text-ink-soft">{MODULE_WORDS[module].label}</dt>
              <dd className="flex flex-wrap gap-x-4 max-sm:pb-2">
                {Object.entries(MODULE_WORDS[module].types).map(([type, word]) => (
                  <label key={type} className="flex min-h-6 items-center gap-1.5">
                    <input
                      type="checkbox"
                      className={BOX}
                      aria-label={`${MODULE_WORDS[module].label}: ${word}`}
                      disabled={!may(module, type)}
                      checked={(value[module] ?? []).includes(type as PermissionType)}
                      onChange={({ target }) =>
                        toggle(module, type as PermissionType, target.checked)
                      }
                    />
                    {word}
                  </label>
                ))}
              </dd>
            </div>
          ))}
        </dl>
      )}
    </fieldset>
  );
}
