import { useId } from 'react';
import { useMay } from '../../app-shell/business.ts';
import { Check, toggled } from '../../ui/forms/check.tsx';
import type { Edits } from '../../ui/forms/field.tsx';
import {
  MODULE_WORDS,
  type Module,
  type Permissions,
  type PermissionType,
} from '../people/roles.ts';

const RADIO = 'flex min-h-7 items-center gap-2';

export function PermissionPicker({ value, onChange }: Edits<'value', Permissions | null>) {
  const id = useId();
  const may = useMay();
  const toggle = (module: Module, type: PermissionType) => {
    const types = toggled(value?.[module] ?? [], type);
    const { [module]: _was, ...others } = value ?? {};
    onChange(types.length > 0 ? { ...others, [module]: types } : others);
  };
  return (
    <fieldset>
      <legend className="mb-1 font-medium">Permissions</legend>
      <Check
        type="radio"
        name={id}
        layout={RADIO}
        checked={value === null}
        onCheck={() => onChange(null)}
      >
        All permissions of its user
      </Check>
      <Check
        type="radio"
        name={id}
        layout={RADIO}
        checked={value !== null}
        onCheck={() => onChange({ 'Conversations.ConversationPermissions': ['Retrieving'] })}
      >
        Only these:
      </Check>
      {value !== null && (
        <dl className="mt-1 grid grid-cols-1 gap-x-6 gap-y-1 ps-6 sm:grid-cols-[auto_1fr]">
          {(Object.keys(MODULE_WORDS) as Module[]).map((module) => (
            <div key={module} className="contents">
              <dt className="pt-0.5 text-ink-soft">{MODULE_WORDS[module].label}</dt>
              <dd className="flex flex-wrap gap-x-4 max-sm:pb-2">
                {Object.entries(MODULE_WORDS[module].types).map(([type, word]) => (
                  <Check
                    key={type}
                    layout="flex min-h-6 items-center gap-1.5"
                    aria-label={`${MODULE_WORDS[module].label}: ${word}`}
                    disabled={!may(module, type)}
                    checked={(value[module] ?? []).includes(type as PermissionType)}
                    onCheck={() => toggle(module, type as PermissionType)}
                  >
                    {word}
                  </Check>
                ))}
              </dd>
            </div>
          ))}
        </dl>
      )}
    </fieldset>
  );
}
