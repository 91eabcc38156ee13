import { useNavigate } from '@tanstack/react-router';
import { Plus, X } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { useBusinessId } from '../../app-shell/business.ts';
import { Button, IconButton } from '../../ui/button.tsx';
import { Field, INPUT } from '../../ui/forms/field.tsx';
import { wrongWithNumber } from '../../ui/forms/number-check.ts';
import { Failure } from '../../ui/notice.tsx';
import { instantOf } from '../../ui/text/local-time.ts';
import {
  CallSettingsFields,
  countryOf,
  NO_SETTINGS,
  settingsToWire,
  toldInForm,
} from '../calls/call-settings.tsx';
import { isBackward, ScheduleFields } from '../campaigns/schedule-fields.tsx';
import { type Window, WindowsField, windowFault } from '../campaigns/windows-field.tsx';
import { useEnqueue } from './enqueue.ts';

interface Variable {
  readonly id: number;
  readonly name: string;
  readonly value: string;
}

/** One call, with what the agent is told about it. */
export function SingleCallForm({
  onCancel,
  onClose,
}: {
  readonly onCancel: () => void;
  readonly onClose: () => void;
}) {
  const businessId = useBusinessId();
  const navigate = useNavigate();
  const [settings, setSettings] = useState(NO_SETTINGS);
  const [number, setNumber] = useState('');
  const [isChecked, setChecked] = useState(false);
  const [schedule, setSchedule] = useState({ from: '', until: '' });
  const [windows, setWindows] = useState<readonly Window[]>([]);
  const [variables, setVariables] = useState<readonly Variable[]>([]);
  const enqueue = useEnqueue();
  const fault = wrongWithNumber(number, countryOf(settings));
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    setChecked(true);
    if (fault !== null || isBackward(schedule)) return;
    if (windows.some((one) => windowFault(one) !== null)) return;
    const { from, until } = schedule;
    const named = variables.filter(({ name }) => name.trim() !== '');
    enqueue.mutate(
      {
        businessId,
        ...settingsToWire(settings),
        RecipientNumber: number,
        ...((from !== '' || until !== '') && {
          Schedule: { DateTimeUTC: instantOf(from), MaxDateTimeUTC: instantOf(until) },
        }),
        ...(windows.length > 0 && { Windows: [...windows] }),
        DynamicVariables: Object.fromEntries(named.map(({ name, value }) => [name.trim(), value])),
      },
      {
        onSuccess: ({ QueueIds: [queueId] }) => {
          onClose();
          if (queueId == null) return;
          void navigate({
            to: '/b/$businessId/outbound/$queueId',
            params: { businessId, queueId },
          });
        },
      },
    );
  };
  const change = (id: number, part: Partial<Variable>) =>
    setVariables(variables.map((one) => (one.id === id ? { ...one, ...part } : one)));
  return (
    <form onSubmit={onSubmit} className="flex flex-col gap-4">
      <div className="grid grid-cols-1 gap-3 sm:grid-cols-2">
        <Field
          label="Number to call"
          type="tel"
          value={number}
          onChange={({ target }) => setNumber(target.value)}
          onBlur={() => setChecked(number !== '')}
          error={isChecked ? fault : null}
          placeholder="+15551234567"
          maxLength={64}
          required
        />
        <CallSettingsFields settings={settings} onChange={setSettings} />
        <ScheduleFields schedule={schedule} onChange={setSchedule} />
      </div>
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
              onClick={() => setVariables(variables.filter((one) => one.id !== id))}
            >
              <X aria-hidden size={15} />
            </IconButton>
          </div>
        ))}
        <Button
          look="quiet"
          className="self-start"
          onClick={() =>
            setVariables([
              ...variables,
              { id: (variables.at(-1)?.id ?? 0) + 1, name: '', value: '' },
            ])
          }
        >
          <Plus aria-hidden size={15} /> Add a variable
        </Button>
      </fieldset>
      <details>
        <summary className="min-h-6 w-fit rounded font-medium">Calling hours for this call</summary>
        <p className="mt-1 mb-2 text-xs text-ink-faint">
          If none are set, those of the campaign apply.
        </p>
        <WindowsField windows={windows} onChange={setWindows} />
      </details>
      {enqueue.error && <Failure error={toldInForm(enqueue.error)} />}
      <div className="flex justify-end gap-2">
        <Button onClick={onCancel}>Cancel</Button>
        <Button type="submit" look="primary" isBusy={enqueue.isPending}>
          Add to queue
        </Button>
      </div>
    </form>
  );
}
