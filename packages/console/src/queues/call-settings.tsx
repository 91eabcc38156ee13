import { Field, SelectField } from '../ui/field.tsx';
import { useCampaignNames } from './campaign-change.ts';

/** What every call of a request has in common. */
interface CallSettings {
  readonly numberId: string;
  readonly campaignId: string;
  readonly country: string;
}

export const NO_SETTINGS: CallSettings = { numberId: '', campaignId: '', country: '' };

/** Whether numbers without a + have a country: half of one is none. */
export const hasCountry = ({ country }: CallSettings): boolean => COUNTRY.test(country);

const COUNTRY = /^[A-Za-z]{2}$/;

/** As the API takes them; what is empty is left out. */
export function settingsToWire({ numberId, campaignId, country }: CallSettings) {
  return {
    NumberId: numberId,
    ...(campaignId !== '' && { CampaignId: campaignId }),
    ...(country !== '' && { DefaultCountry: country.toUpperCase() }),
  };
}

export function CallSettingsFields({
  settings,
  onChange,
}: {
  readonly settings: CallSettings;
  readonly onChange: (settings: CallSettings) => void;
}) {
  const campaigns = useCampaignNames(true);
  return (
    <div className="grid gap-3 sm:grid-cols-3">
      <Field
        label="Call from"
        value={settings.numberId}
        onChange={({ target }) => onChange({ ...settings, numberId: target.value })}
        hint="The id of your number at the engine"
        maxLength={128}
        required
      />
      <SelectField
        label="Campaign"
        value={settings.campaignId}
        onChange={({ target }) => onChange({ ...settings, campaignId: target.value })}
        hint="Its windows and retries hold"
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
        hint="Of numbers without +, such as DE"
        pattern="[A-Za-z]{2}"
        title="Two letters, such as DE"
        maxLength={2}
      />
    </div>
  );
}
