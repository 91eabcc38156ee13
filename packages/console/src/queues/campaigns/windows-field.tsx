import type { InputOf } from '@colloquy/sdk';
import { DAYS } from '@colloquy/wire';
import { Plus, X } from 'lucide-react';
import { useId } from 'react';
import { Button, IconButton } from '../../ui/button.tsx';
import { type Edits, INPUT } from '../../ui/forms/field.tsx';
import { findTimeZone, UNKNOWN_ZONE } from '../../ui/forms/time-zone.ts';
import { ZoneList } from '../../ui/forms/zone-list.tsx';

export type Window = NonNullable<InputOf<'PutCampaign'>['Windows']>[number];

const FIRST: Window = { Days: ['Mon', 'Tue', 'Wed', 'Thu', 'Fri'], From: '09:00', To: '17:30' };

export function findWindowProblem({ Days, From, To }: Window): string | null {
  if (Days.length === 0) return 'Choose at least one day.';
  return From === To ? 'Start and end are the same; for the whole day, end at 00:00.' : null;
}

export const describeWindow = ({ Days, From, To, TimeZone }: Window): string =>
  `${Days.join(' ')}, ${From} to ${To}${TimeZone ? ` (${TimeZone})` : ''}`;

export function WindowsField({ windows, onChange }: Edits<'windows', readonly Window[]>) {
  const zones = useId();
  return (
    <fieldset className="flex flex-col gap-3">
      <legend className="mb-1 font-medium">Calling hours</legend>
      <p className="text-xs text-ink-faint">
        In the time zone of the person called if the call names one, else in the zone given here,
        else in the zone of the business.
      </p>
      {windows.length === 0 && <p className="text-ink-soft">At any time.</p>}
      {windows.map((window, at) => (
        <WindowRow
          // biome-ignore lint/suspicious/noArrayIndexKey: windows have no id
          key={at}
          label={`Calling hours ${at + 1}`}
          zones={zones}
          window={window}
          onChange={(changed) => onChange(windows.with(at, changed))}
          onRemove={() => onChange(windows.toSpliced(at, 1))}
        />
      ))}
      <ZoneList id={zones} />
      <Button
        icon={Plus}
        iconSize={15}
        look="quiet"
        className="self-start"
        onClick={() => onChange([...windows, FIRST])}
      >
        Add calling hours
      </Button>
    </fieldset>
  );
}

interface WindowRowProps {
  readonly label: string;
  readonly zones: string;
  readonly window: Window;
  readonly onChange: (window: Window) => void;
  readonly onRemove: () => void;
}

function WindowRow({ label, zones, window, onChange, onRemove }: WindowRowProps) {
  const fault = findWindowProblem(window);
  return (
    <fieldset className="flex flex-wrap items-center gap-2 rounded-lg border border-line p-2">
      <legend className="sr-only">{label}</legend>
      {DAYS.map((day) => {
        const isChosen = window.Days.includes(day);
        const Days = DAYS.filter((one) => (one === day ? !isChosen : window.Days.includes(one)));
        return (
          <button
            key={day}
            type="button"
            aria-pressed={isChosen}
            onClick={() => onChange({ ...window, Days })}
            className={`h-8 rounded-md border px-2 ${isChosen ? 'border-accent bg-accent-soft text-accent-strong' : 'border-line text-ink-soft'}`}
          >
            {day}
          </button>
        );
      })}
      <div className="flex items-center gap-1.5">
        <input
          type="time"
          aria-label="From"
          className={`${INPUT} w-28`}
          value={window.From}
          onChange={({ target }) => onChange({ ...window, From: target.value })}
          required
        />
        to
        <input
          type="time"
          aria-label="To"
          className={`${INPUT} w-28`}
          // Midnight at the end of a day is 24:00, which time inputs do not support.
          value={window.To === '24:00' ? '00:00' : window.To}
          onChange={({ target: { value } }) =>
            onChange({ ...window, To: value === '00:00' ? '24:00' : value })
          }
          required
        />
      </div>
      <input
        aria-label="Time zone"
        list={zones}
        className={`${INPUT} min-w-0 flex-1 basis-40`}
        value={window.TimeZone ?? ''}
        ref={(input) => {
          const isKnown = window.TimeZone == null || findTimeZone(window.TimeZone) !== null;
          input?.setCustomValidity(isKnown ? '' : UNKNOWN_ZONE);
        }}
        onChange={({ target }) => onChange({ ...window, TimeZone: target.value || null })}
        onBlur={({ target: { value } }) =>
          onChange({ ...window, TimeZone: findTimeZone(value) ?? (value || null) })
        }
        placeholder="The business's zone"
        maxLength={64}
      />
      <IconButton
        label={`Remove ${label.toLowerCase()}`}
        icon={X}
        iconSize={15}
        onClick={onRemove}
      />
      {fault !== null && <p className="w-full text-xs text-bad">{fault}</p>}
    </fieldset>
  );
}
