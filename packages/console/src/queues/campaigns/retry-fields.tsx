import type { InputOf } from '@colloquy/sdk';
import { END_TYPE } from '@colloquy/wire';
import { outcomeText } from '../../conversations/facts.ts';
import { Field } from '../../ui/forms/field.tsx';

export type Retry = NonNullable<InputOf<'PutCampaign'>['Retry']>;

const DEFAULT_RETRY: Retry = {
  MaxAttempts: 3,
  On: ['UserNoAnswer', 'UserDeclinedOrBusy'],
  DelaySeconds: 1800,
};
const RETRIED = END_TYPE.names.filter((name) => name !== 'Normal' && name !== 'Canceled');

export function RetryFields({
  retry,
  onChange,
}: {
  readonly retry: Retry | null;
  readonly onChange: (retry: Retry | null) => void;
}) {
  return (
    <fieldset className="flex flex-col gap-2">
      <legend className="mb-1 font-medium">Retries</legend>
      <label className="flex items-center gap-2">
        <input
          type="checkbox"
          className="size-4 accent-accent"
          checked={retry !== null}
          onChange={({ target }) => onChange(target.checked ? DEFAULT_RETRY : null)}
        />
        Call again after some outcomes
      </label>
      {retry && <RetryRule retry={retry} onChange={onChange} />}
    </fieldset>
  );
}

function RetryRule({
  retry,
  onChange,
}: {
  readonly retry: Retry;
  readonly onChange: (retry: Retry) => void;
}) {
  // Includes outcomes that a program has set, to make them removable.
  const isOffered = (name: (typeof END_TYPE.names)[number]) =>
    RETRIED.some((one) => one === name) || retry.On.includes(name);
  return (
    <>
      <div className="grid grid-cols-1 gap-3 sm:grid-cols-2">
        <Field
          label="Total attempts"
          type="number"
          min={1}
          max={100}
          value={retry.MaxAttempts}
          onChange={({ target }) => onChange({ ...retry, MaxAttempts: Number(target.value) })}
          required
        />
        <Field
          label="Minutes between attempts"
          type="number"
          min={0}
          step="any"
          max={30 * 1440}
          value={retry.DelaySeconds / 60}
          onChange={({ target }) =>
            onChange({ ...retry, DelaySeconds: Math.round(Number(target.value) * 60) })
          }
          required
        />
      </div>
      <label className="flex min-h-6 items-center gap-2">
        <input
          type="checkbox"
          className="size-4 accent-accent"
          checked={retry.Backoff === 'Exponential'}
          onChange={({ target }) =>
            onChange({ ...retry, Backoff: target.checked ? 'Exponential' : 'Constant' })
          }
        />
        Wait twice as long each time, up to a day
      </label>
      <p className="text-ink-soft">After these outcomes:</p>
      <div className="grid grid-cols-1 gap-x-4 gap-y-1 sm:grid-cols-2">
        {END_TYPE.names.filter(isOffered).map((endType) => (
          <label key={endType} className="flex min-h-6 items-center gap-2">
            <input
              type="checkbox"
              className="size-4 accent-accent"
              checked={retry.On.includes(endType)}
              onChange={({ target }) =>
                onChange({
                  ...retry,
                  On: target.checked
                    ? [...retry.On, endType]
                    : retry.On.filter((one) => one !== endType),
                })
              }
            />
            {outcomeText(endType)}
          </label>
        ))}
      </div>
    </>
  );
}
