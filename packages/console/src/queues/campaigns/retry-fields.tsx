import type { InputOf } from '@colloquy/sdk';
import { END_TYPE } from '@colloquy/wire';
import { outcomeText } from '../../conversations/facts.ts';
import { Check, toggled } from '../../ui/forms/check.tsx';
import { type Edits, Field } from '../../ui/forms/field.tsx';

export type Retry = NonNullable<InputOf<'PutCampaign'>['Retry']>;

const DEFAULT_RETRY: Retry = {
  MaxAttempts: 3,
  On: ['UserNoAnswer', 'UserDeclinedOrBusy'],
  DelaySeconds: 1800,
};
const RETRIED = END_TYPE.names.filter((name) => name !== 'Normal' && name !== 'Canceled');

export function RetryFields({ retry, onChange }: Edits<'retry', Retry | null>) {
  return (
    <fieldset className="flex flex-col gap-2">
      <legend className="mb-1 font-medium">Retries</legend>
      <Check
        layout="flex items-center gap-2"
        checked={retry !== null}
        onCheck={(isChecked) => onChange(isChecked ? DEFAULT_RETRY : null)}
      >
        Call again after some outcomes
      </Check>
      {retry && <RetryRule retry={retry} onChange={onChange} />}
    </fieldset>
  );
}

function RetryRule({ retry, onChange }: Edits<'retry', Retry>) {
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
          onText={(text) => onChange({ ...retry, MaxAttempts: Number(text) })}
          required
        />
        <Field
          label="Minutes between attempts"
          type="number"
          min={0}
          step="any"
          max={30 * 1440}
          value={retry.DelaySeconds / 60}
          onText={(text) => onChange({ ...retry, DelaySeconds: Math.round(Number(text) * 60) })}
          required
        />
      </div>
      <Check
        checked={retry.Backoff === 'Exponential'}
        onCheck={(isChecked) =>
          onChange({ ...retry, Backoff: isChecked ? 'Exponential' : 'Constant' })
        }
      >
        Wait twice as long each time, up to a day
      </Check>
      <p className="text-ink-soft">After these outcomes:</p>
      <div className="grid grid-cols-1 gap-x-4 gap-y-1 sm:grid-cols-2">
        {END_TYPE.names.filter(isOffered).map((endType) => (
          <Check
            key={endType}
            checked={retry.On.includes(endType)}
            onCheck={() => onChange({ ...retry, On: toggled(retry.On, endType) })}
          >
            {outcomeText(endType)}
          </Check>
        ))}
      </div>
    </>
  );
}
