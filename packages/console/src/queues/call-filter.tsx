import { ListFilter } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { useMay } from '../app-shell/business.ts';
import { FIRST_PAGE } from '../app-shell/pager.tsx';
import { Button, buttonClass } from '../ui/button.tsx';
import { Field, SelectField } from '../ui/forms/field.tsx';
import { Popover } from '../ui/overlays/popover.tsx';
import { toInstant, toLocalInput } from '../ui/text/local-time.ts';
import { useCampaignNames } from './campaigns/campaign-change.ts';
import type { CallsSearch } from './search.ts';

interface Props {
  readonly direction: 'outbound' | 'inbound';
  readonly search: CallsSearch;
  readonly onChange: (search: CallsSearch) => void;
}

export function CallFilter(props: Props) {
  const [isOpen, setOpen] = useState(false);
  return (
    <Popover
      label="Filters"
      isOpen={isOpen}
      onOpenChange={setOpen}
      trigger={
        <button type="button" className={buttonClass()}>
          <ListFilter aria-hidden size={14} /> Filter
        </button>
      }
    >
      {/* Mounted on opening, to start with the values of the address. */}
      <CallFilterForm {...props} onClose={() => setOpen(false)} />
    </Popover>
  );
}

const TIMES = [
  { key: 'from', label: 'Enqueued from' },
  { key: 'to', label: 'Enqueued until' },
  { key: 'endedfrom', label: 'Ended from' },
  { key: 'endedto', label: 'Ended until' },
] as const;
const RANGES = [
  ['from', 'to'],
  ['endedfrom', 'endedto'],
] as const;

function CallFilterForm({
  direction,
  search,
  onChange,
  onClose,
}: Props & { readonly onClose: () => void }) {
  // Reading campaigns needs the permission to make calls.
  const hasCampaigns = useMay()('MakeCall', 'Executing') && direction === 'outbound';
  const campaigns = useCampaignNames(hasCampaigns);
  const [campaign, setCampaign] = useState(search.campaign ?? '');
  const [isDue, setDue] = useState(search.due !== undefined);
  const [times, setTimes] = useState({
    from: toLocalInput(search.from),
    to: toLocalInput(search.to),
    endedfrom: toLocalInput(search.endedfrom),
    endedto: toLocalInput(search.endedto),
  });
  const backward = RANGES.find(([from, to]) => times[to] !== '' && times[to] < times[from]);
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    if (backward) return;
    // An unchanged time keeps the precision of the address.
    const given = TIMES.map(({ key }) => [
      key,
      times[key] === toLocalInput(search[key]) ? search[key] : (toInstant(times[key]) ?? undefined),
    ]);
    onChange({
      ...search,
      ...FIRST_PAGE,
      ...Object.fromEntries(given),
      campaign: campaign || undefined,
      due: isDue ? 'now' : undefined,
    });
    onClose();
  };
  return (
    <form onSubmit={onSubmit} className="flex flex-col gap-3">
      {hasCampaigns && (
        <SelectField
          label="Campaign"
          value={campaign}
          onChange={({ target }) => setCampaign(target.value)}
        >
          <option value="">Any, or none</option>
          {/* The campaign of the address, until all are loaded. */}
          {campaign !== '' && !campaigns.some((one) => one.CampaignId === campaign) && (
            <option value={campaign}>{campaign}</option>
          )}
          {campaigns.map(({ CampaignId, Name }) => (
            <option key={CampaignId} value={CampaignId}>
              {Name}
            </option>
          ))}
        </SelectField>
      )}
      <label className="flex items-center gap-2">
        <input
          type="checkbox"
          className="size-4 accent-accent"
          checked={isDue}
          onChange={({ target }) => setDue(target.checked)}
        />
        Only calls that are due now
      </label>
      {TIMES.map(({ key, label }) => (
        <Field
          key={key}
          label={label}
          type="datetime-local"
          value={times[key]}
          onChange={({ target }) => setTimes({ ...times, [key]: target.value })}
          error={backward?.[1] === key ? 'The end is before the start.' : null}
        />
      ))}
      <p className="text-xs text-ink-faint">
        By your clock ({Intl.DateTimeFormat().resolvedOptions().timeZone}).
      </p>
      <div className="flex justify-end gap-2">
        <Button onClick={onClose}>Cancel</Button>
        <Button type="submit" look="primary">
          Show
        </Button>
      </div>
    </form>
  );
}
