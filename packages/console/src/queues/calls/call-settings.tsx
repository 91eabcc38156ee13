import type { CountryCode } from '@colloquy/phone-numbers';
import type { OutputOf } from '@colloquy/sdk';
import { useQueryClient } from '@tanstack/react-query';
import { useId, useMemo } from 'react';
import { failureMessage } from '../../api/failure.ts';
import { useBusinessId } from '../../app-shell/business.ts';
import { Field, SelectField } from '../../ui/forms/field.tsx';
import { parseCountryCode, toFormMessage } from '../../ui/forms/number-check.ts';
import { useCampaignNames } from '../campaigns/campaign-change.ts';

interface CallSettings {
  readonly numberId: string;
  readonly campaignId: string;
  readonly country: string;
}

export const NO_SETTINGS: CallSettings = { numberId: '', campaignId: '', country: '' };

/** The country of numbers without a +; null if the text is not a country. */
export const parseCountry = ({ country }: CallSettings): CountryCode | null =>
  parseCountryCode(country);

export function settingsToWire({ numberId, campaignId, country }: CallSettings) {
  return {
    NumberId: numberId,
    ...(campaignId !== '' && { CampaignId: campaignId }),
    ...(country !== '' && { DefaultCountry: country.toUpperCase() }),
  };
}

export const toFormError = (error: Error): Error =>
  error.message.includes('DefaultCountry')
    ? new Error(toFormMessage(failureMessage(error)))
    : error;

/** Ids of recently used numbers, from data that is already loaded. */
function useNumberIds(): readonly string[] {
  const businessId = useBusinessId();
  const queries = useQueryClient();
  return useMemo(() => {
    const pages = queries.getQueriesData<OutputOf<'GetOutboundQueues'>>({
      queryKey: ['GetOutboundQueues', { businessId }],
    });
    const ids = pages.flatMap(
      ([, page]) => page?.Items.flatMap(({ NumberId }) => NumberId ?? []) ?? [],
    );
    return [...new Set(ids)].sort();
  }, [queries, businessId]);
}

export function CallSettingsFields({
  settings,
  onChange,
}: {
  readonly settings: CallSettings;
  readonly onChange: (settings: CallSettings) => void;
}) {
  const numbers = useId();
  const campaigns = useCampaignNames(true);
  const numberIds = useNumberIds();
  return (
    <>
      <Field
        label="Call from"
        list={numbers}
        value={settings.numberId}
        onChange={({ target }) => onChange({ ...settings, numberId: target.value })}
        hint="The id of your number at the voice engine"
        maxLength={128}
        required
      />
      <datalist id={numbers}>
        {numberIds.map((id) => (
          <option key={id} value={id} />
        ))}
      </datalist>
      <SelectField
        label="Campaign"
        value={settings.campaignId}
        onChange={({ target }) => onChange({ ...settings, campaignId: target.value })}
        hint="Its calling hours, limits and retries apply"
      >
        <option value="">None</option>
        {campaigns.map(({ CampaignId, Name }) => (
          <option key={CampaignId} value={CampaignId}>
            {Name}
          </option>
        ))}
      </SelectField>
      <Field
        label="Country"
        value={settings.country}
        onChange={({ target }) => onChange({ ...settings, country: target.value })}
        hint="For numbers without +, such as DE"
        pattern="[A-Za-z]{2}"
        title="Two letters, such as DE"
        maxLength={2}
      />
    </>
  );
}
