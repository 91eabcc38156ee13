import type { InputOf, OutputOf } from '@colloquy/sdk';
import { END_TYPE } from '@colloquy/wire';
import { type FormEvent, useState } from 'react';
import { outcomeText } from '../../conversations/facts.ts';
import { Button } from '../../ui/button.tsx';
import { Field } from '../../ui/forms/field.tsx';
import { Failure } from '../../ui/notice.tsx';
import { useCampaignChange, useNewCampaign } from './campaign-change.ts';
import { type Window, WindowsField, windowFault } from './windows-field.tsx';

type Campaign = OutputOf<'GetCampaign'>;
type Retry = NonNullable<InputOf<'PutCampaign'>['Retry']>;

export const NEW_CAMPAIGN: Campaign = {
  CampaignId: '',
  Name: '',
  IsPaused: false,
  MaxConcurrent: null,
  MaxAttemptsPerNumberPerDay: null,
  AbandonAfterSeconds: 900,
  Windows: [],
  Retry: null,
  CreatedAt: '',
};
const FIRST_RETRY: Retry = {
  MaxAttempts: 3,
  On: ['UserNoAnswer', 'UserDeclinedOrBusy'],
  DelaySeconds: 1800,
};
/** After what a call may be tried again. */
const RETRIED = END_TYPE.names.filter((name) => name !== 'Normal' && name !== 'Canceled');

/** All settings of a campaign; saving replaces them. */
export function CampaignForm({
  campaign,
  onClose,
  onSaved,
}: {
  readonly campaign: Campaign;
  readonly onClose: () => void;
  readonly onSaved: (campaignId: string) => void;
}) {
  const isNew = campaign.CampaignId === '';
  const [create, change] = [useNewCampaign(), useCampaignChange()];
  const save = isNew ? create : change;
  const [campaignId, setCampaignId] = useState(campaign.CampaignId);
  const [name, setName] = useState(campaign.Name);
  const [limits, setLimits] = useState({
    concurrent: textOf(campaign.MaxConcurrent),
    perDay: textOf(campaign.MaxAttemptsPerNumberPerDay),
    abandon: textOf(campaign.AbandonAfterSeconds),
  });
  const [windows, setWindows] = useState<readonly Window[]>(campaign.Windows);
  const [retry, setRetry] = useState<Retry | null>(campaign.Retry as Retry | null);
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    if (windows.some((window) => windowFault(window) !== null)) return;
    save.mutate(
      {
        campaignId,
        Name: name,
        MaxConcurrent: numberOf(limits.concurrent),
        Windows: [...windows],
        Retry: retry,
        MaxAttemptsPerNumberPerDay: numberOf(limits.perDay),
        AbandonAfterSeconds: numberOf(limits.abandon),
      },
      {
        onSuccess: (saved) => {
          onClose();
          onSaved(saved.CampaignId);
        },
      },
    );
  };
  return (
    <form onSubmit={onSubmit} className="flex flex-col gap-4">
      <div className="grid grid-cols-1 gap-3 sm:grid-cols-2">
        <Field
          label="Name"
          value={name}
          onChange={({ target }) => setName(target.value)}
          maxLength={1024}
          required
        />
        <Field
          label="Id"
          value={campaignId}
          onChange={({ target }) => setCampaignId(target.value)}
          hint="Used by your programs: letters, digits, _ . : -"
          pattern="[A-Za-z0-9_.:\-]{1,128}"
          disabled={!isNew}
          required
        />
        <Field
          label="Concurrent calls"
          type="number"
          min={1}
          max={10_000}
          value={limits.concurrent}
          onChange={({ target }) => setLimits({ ...limits, concurrent: target.value })}
          hint="Empty: no limit"
        />
        <Field
          label="Attempts per number per day"
          type="number"
          min={1}
          max={1_000}
          value={limits.perDay}
          onChange={({ target }) => setLimits({ ...limits, perDay: target.value })}
          hint="Empty: no limit"
        />
        <Field
          label="End silent calls after (seconds)"
          type="number"
          min={1}
          max={86_400}
          value={limits.abandon}
          onChange={({ target }) => setLimits({ ...limits, abandon: target.value })}
          hint="A call under way fails and frees its slot if its lease has run out and its worker and conversation are silent for so long. Empty: 900"
        />
      </div>
      <WindowsField windows={windows} onChange={setWindows} />
      <fieldset className="flex flex-col gap-2">
        <legend className="mb-1 font-medium">Retries</legend>
        <label className="flex items-center gap-2">
          <input
            type="checkbox"
            className="size-4 accent-accent"
            checked={retry !== null}
            onChange={({ target }) => setRetry(target.checked ? FIRST_RETRY : null)}
          />
          Call again after some outcomes
        </label>
        {retry && <RetryFields retry={retry} onChange={setRetry} />}
      </fieldset>
      {save.error && <Failure error={save.error} />}
      <div className="flex justify-end gap-2">
        <Button onClick={onClose}>Cancel</Button>
        <Button type="submit" look="primary" isBusy={save.isPending}>
          Save campaign
        </Button>
      </div>
    </form>
  );
}

function RetryFields({
  retry,
  onChange,
}: {
  readonly retry: Retry;
  readonly onChange: (retry: Retry) => void;
}) {
  // One that a program chose is there to be taken away.
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

const textOf = (value: number | null): string => (value === null ? '' : String(value));
const numberOf = (text: string): number | null => (text === '' ? null : Number(text));
