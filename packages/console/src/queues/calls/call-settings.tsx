import type { CountryCode } from '@colloquy/phone-numbers';
import type { OutputOf } from '@colloquy/sdk';
import { useQueryClient } from '@tanstack/react-query';
import { useId, useMemo } from 'react';
import { failureMessage } from '../../api/failure.ts';
import { useBusinessId } from '../../app-shell/business.ts';
import { bind, type Edits, Field, Options, SelectField } from '../../ui/forms/field.tsx';
import { parseCountryCode, toFormMessage } from '../../ui/forms/number-check.ts';
import { useCampaignNames } from '../campaigns/campaign-change.ts';

interface CallSettings {
  readonly numberId: string;
  readonly campaignId: string;
  readonly country: string;
}

export const NO_SETTINGS: CallSettings = { numberId: '', campaignId: '', country: '' };

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

export function CallSettingsFields({ settings, onChange }: Edits<'settings', CallSettings>) {
  const numbers = useId();
  const campaigns = useCampaignNames(true);
  const numberIds = useNumberIds();
  const field = bind(settings, onChange);
  return (
    <>
      <Field
        label="Call from"
        list={numbers}
        {...field('numberId')}
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
        {...field('campaignId')}
        hint="Its calling hours, limits and retries apply"
      >
        <option value="">None</option>
        <Options of={campaigns} />
      </SelectField>
      <Field
        label="Country"
        {...field('country')}
        hint="For numbers without +, such as DE"
        pattern="[A-Za-z]{2}"
        title="Two letters, such as DE"
        maxLength={2}
      />
    </>
  );
}
