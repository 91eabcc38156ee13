import { useNavigate } from '@tanstack/react-router';
import { Plus, X } from 'lucide-react';
import { useState } from 'react';
import { useBusinessId } from '../../app-shell/business.ts';
import { callLink } from '../../app-shell/links.ts';
import { Button, IconButton } from '../../ui/button.tsx';
import { type Edits, Field, INPUT } from '../../ui/forms/field.tsx';
import { DialogForm } from '../../ui/forms/form.tsx';
import { findNumberProblem } from '../../ui/forms/number-check.ts';
import { toInstant } from '../../ui/text/local-time.ts';
import {
  CallSettingsFields,
  NO_SETTINGS,
  parseCountry,
  settingsToWire,
  toFormError,
} from '../calls/call-settings.tsx';
import { isBackward, ScheduleFields } from '../campaigns/schedule-fields.tsx';
import { findWindowProblem, type Window, WindowsField } from '../campaigns/windows-field.tsx';
import { useEnqueue } from './enqueue.ts';

interface Variable {
  readonly id: number;
  readonly name: string;
  readonly value: string;
}

interface SingleCallFormProps {
  readonly onCancel: () => void;
  readonly onClose: () => void;
}

export function SingleCallForm({ onCancel, onClose }: SingleCallFormProps) {
  const businessId = useBusinessId();
  const navigate = useNavigate();
  const [settings, setSettings] = useState(NO_SETTINGS);
  const [number, setNumber] = useState('');
  const [isChecked, setChecked] = useState(false);
  const [schedule, setSchedule] = useState({ from: '', until: '' });
  const [windows, setWindows] = useState<readonly Window[]>([]);
  const [variables, setVariables] = useState<readonly Variable[]>([]);
  const enqueue = useEnqueue();
  const fault = findNumberProblem(number, parseCountry(settings));
  const onSubmit = () => {
    setChecked(true);
    if (fault !== null || isBackward(schedule)) return;
    if (windows.some((one) => findWindowProblem(one) !== null)) return;
    enqueue.mutate(toInput(businessId, { settings, number, schedule, windows, variables }), {
      onSuccess: ({ QueueIds: [queueId] }) => {
        onClose();
        if (queueId == null) return;
        void navigate(callLink(businessId, false, queueId));
      },
    });
  };
  return (
    <DialogForm
      submit="Add to queue"
      className="flex flex-col gap-4"
      change={{ ...enqueue, error: enqueue.error && toFormError(enqueue.error) }}
      onSubmit={onSubmit}
      onCancel={onCancel}
    >
      <div className="grid grid-cols-1 gap-3 sm:grid-cols-2">
        <Field
          label="Number to call"
          type="tel"
          value={number}
          onText={setNumber}
          onBlur={() => setChecked(number !== '')}
          error={isChecked ? fault : null}
          placeholder="+15551234567"
          maxLength={64}
          required
        />
        <CallSettingsFields settings={settings} onChange={setSettings} />
        <ScheduleFields schedule={schedule} onChange={setSchedule} />
      </div>
      <VariablesFields variables={variables} onChange={setVariables} />
      <details>
        <summary className="min-h-6 w-fit rounded font-medium">Calling hours for this call</summary>
        <p className="mt-1 mb-2 text-xs text-ink-faint">
          If none are set, those of the campaign apply.
        </p>
        <WindowsField windows={windows} onChange={setWindows} />
      </details>
    </DialogForm>
  );
}

function VariablesFields({ variables, onChange }: Edits<'variables', readonly Variable[]>) {
  const change = (id: number, part: Partial<Variable>) =>
    onChange(variables.map((one) => (one.id === id ? { ...one, ...part } : one)));
  return (
    <fieldset className="flex flex-col gap-2">
      <legend className="mb-1 font-medium">Variables for the agent</legend>
      {variables.map(({ id, name, value }) => (
        <div key={id} className="flex gap-2">
          <input
            className={INPUT}
            value={name}
            onChange={({ target }) => change(id, { name: target.value })}
            placeholder="Name"
            aria-label="Name of the variable"
          />
          <input
            className={INPUT}
            value={value}
            onChange={({ target }) => change(id, { value: target.value })}
            placeholder="Value"
            aria-label="Value of the variable"
            dir="auto"
          />
          <IconButton
            label="Remove the variable"
            icon={X}
            iconSize={15}
            onClick={() => onChange(variables.filter((one) => one.id !== id))}
          />
        </div>
      ))}
      <Button
        icon={Plus}
        iconSize={15}
        look="quiet"
        className="self-start"
        onClick={() =>
          onChange([...variables, { id: (variables.at(-1)?.id ?? 0) + 1, name: '', value: '' }])
        }
      >
        Add a variable
      </Button>
    </fieldset>
  );
}

interface Draft {
  readonly settings: typeof NO_SETTINGS;
  readonly number: string;
  readonly schedule: { readonly from: string; readonly until: string };
  readonly windows: readonly Window[];
  readonly variables: readonly Variable[];
}

function toInput(businessId: number, draft: Draft) {
  const { from, until } = draft.schedule;
  const named = draft.variables.filter(({ name }) => name.trim() !== '');
  return {
    businessId,
    ...settingsToWire(draft.settings),
    RecipientNumber: draft.number,
    ...((from !== '' || until !== '') && {
      Schedule: { DateTimeUTC: toInstant(from), MaxDateTimeUTC: toInstant(until) },
    }),
    ...(draft.windows.length > 0 && { Windows: [...draft.windows] }),
    DynamicVariables: Object.fromEntries(named.map(({ name, value }) => [name.trim(), value])),
  };
}
