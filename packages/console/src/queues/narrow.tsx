import { ListFilter } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { useMay } from '../app-shell/business.ts';
import { FIRST_PAGE } from '../app-shell/pager.tsx';
import { Button, buttonClass } from '../ui/button.tsx';
import { Field, SelectField } from '../ui/forms/field.tsx';
import { Popover } from '../ui/overlays/popover.tsx';
import { instantOf, localOf } from '../ui/text/local-time.ts';
import { useCampaignNames } from './campaigns/campaign-change.ts';
import type { CallsSearch } from './search.ts';

interface Props {
  readonly direction: 'outbound' | 'inbound';
  readonly search: CallsSearch;
  readonly onChange: (search: CallsSearch) => void;
}

/** Narrows a list of calls to a campaign, and to when they were enqueued or ended. */
export function Narrow(props: Props) {
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
      {/* Made anew each time, so that it begins with what the address says by then. */}
      <NarrowForm {...props} onClose={() => setOpen(false)} />
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

function NarrowForm({
  direction,
  search,
  onChange,
  onClose,
}: Props & { readonly onClose: () => void }) {
  // Whoever may make no calls may not see campaigns either.
  const hasCampaigns = useMay()('MakeCall', 'Executing') && direction === 'outbound';
  const campaigns = useCampaignNames(hasCampaigns);
  const [campaign, setCampaign] = useState(search.campaign ?? '');
  const [isDue, setDue] = useState(search.due !== undefined);
  const [times, setTimes] = useState({
    from: localOf(search.from),
    to: localOf(search.to),
    endedfrom: localOf(search.endedfrom),
    endedto: localOf(search.endedto),
  });
  const backward = RANGES.find(([from, to]) => times[to] !== '' && times[to] < times[from]);
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    if (backward) return;
    // What nobody changed stays as exact as the address has it.
    const given = TIMES.map(({ key }) => [
      key,
      times[key] === localOf(search[key]) ? search[key] : (instantOf(times[key]) ?? undefined),
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
          {/* The one of the address, until the others are there. */}
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
        Only what is due now
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
