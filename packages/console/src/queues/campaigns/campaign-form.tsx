import type { OutputOf } from '@colloquy/sdk';
import { useState } from 'react';
import { bind, type Edits, Field } from '../../ui/forms/field.tsx';
import { DialogForm } from '../../ui/forms/form.tsx';
import { useCampaignChange, useNewCampaign } from './campaign-change.ts';
import { type Retry, RetryFields } from './retry-fields.tsx';
import { findWindowProblem, type Window, WindowsField } from './windows-field.tsx';

type Campaign = OutputOf<'GetCampaign'>;

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
interface Limits {
  readonly concurrent: string;
  readonly perDay: string;
  readonly abandon: string;
}

interface CampaignFormProps {
  readonly campaign: Campaign;
  readonly onClose: () => void;
  readonly onSaved?: (campaignId: string) => void;
}

export function CampaignForm({ campaign, onClose, onSaved }: CampaignFormProps) {
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
  const onSubmit = () => {
    if (windows.some((window) => findWindowProblem(window) !== null)) return;
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
          onSaved?.(saved.CampaignId);
        },
      },
    );
  };
  return (
    <DialogForm
      submit="Save campaign"
      className="flex flex-col gap-4"
      change={save}
      onSubmit={onSubmit}
      onCancel={onClose}
    >
      <div className="grid grid-cols-1 gap-3 sm:grid-cols-2">
        <Field label="Name" value={name} onText={setName} maxLength={1024} required />
        <Field
          label="Id"
          value={campaignId}
          onText={setCampaignId}
          hint="Used by your programs: letters, digits, _ . : -"
          pattern="[A-Za-z0-9_.:\-]{1,128}"
          disabled={!isNew}
          required
        />
        <LimitFields limits={limits} onChange={setLimits} />
      </div>
      <WindowsField windows={windows} onChange={setWindows} />
      <RetryFields retry={retry} onChange={setRetry} />
    </DialogForm>
  );
}

function LimitFields({ limits, onChange }: Edits<'limits', Limits>) {
  const field = bind(limits, onChange);
  return (
    <>
      <Field
        label="Concurrent calls"
        type="number"
        min={1}
        max={10_000}
        {...field('concurrent')}
        hint="Empty: no limit"
      />
      <Field
        label="Attempts per number per day"
        type="number"
        min={1}
        max={1_000}
        {...field('perDay')}
        hint="Empty: no limit"
      />
      <Field
        label="End silent calls after (seconds)"
        type="number"
        min={1}
        max={86_400}
        {...field('abandon')}
        hint="A call in progress fails and frees its slot if its lease has expired and its worker and conversation have been silent for this long. Empty: 900"
      />
    </>
  );
}

const textOf = (value: number | null): string => (value === null ? '' : String(value));
const numberOf = (text: string): number | null => (text === '' ? null : Number(text));
