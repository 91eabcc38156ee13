import type { InputOf } from '@colloquy/sdk';
import { DAYS } from '@colloquy/wire';
import { Plus, X } from 'lucide-react';
import { Button, IconButton } from '../ui/button.tsx';
import { INPUT } from '../ui/field.tsx';

export type Window = NonNullable<InputOf<'PutCampaign'>['Windows']>[number];

const FIRST: Window = { Days: ['Mon', 'Tue', 'Wed', 'Thu', 'Fri'], From: '09:00', To: '17:30' };

/** When calls may be made: days and times, where the person is who is called. */
export function WindowsField({
  windows,
  onChange,
}: {
  readonly windows: readonly Window[];
  readonly onChange: (windows: readonly Window[]) => void;
}) {
  const change = (at: number, part: Partial<Window>) =>
    onChange(windows.map((window, index) => (index === at ? { ...window, ...part } : window)));
  return (
    <fieldset className="flex flex-col gap-3">
      <legend className="mb-1 font-medium">When calls may be made</legend>
      {windows.length === 0 && <p className="text-ink-soft">At any time.</p>}
      {windows.map((window, at) => (
        <div
          // biome-ignore lint/suspicious/noArrayIndexKey: a window is its place
          key={at}
          className="flex flex-wrap items-center gap-2 rounded-lg border border-line p-2"
        >
          {DAYS.map((day) => {
            const isChosen = window.Days.includes(day);
            return (
              <button
                key={day}
                type="button"
                aria-pressed={isChosen}
                onClick={() =>
                  change(at, {
                    Days: DAYS.filter((one) =>
                      one === day ? !isChosen : window.Days.includes(one),
                    ),
                  })
                }
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
              onChange={({ target }) => change(at, { From: target.value })}
              required
            />
            to
            <input
              type="time"
              aria-label="To"
              className={`${INPUT} w-28`}
              value={window.To}
              onChange={({ target }) => change(at, { To: target.value })}
              required
            />
          </div>
          <IconButton
            label="Remove this window"
            className="ms-auto"
            onClick={() => onChange(windows.filter((_, index) => index !== at))}
          >
            <X aria-hidden size={15} />
          </IconButton>
        </div>
      ))}
      <Button look="quiet" className="self-start" onClick={() => onChange([...windows, FIRST])}>
        <Plus aria-hidden size={15} /> Add a window
      </Button>
    </fieldset>
  );
}
