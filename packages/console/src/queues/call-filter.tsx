import { ListFilter } from 'lucide-react';
import { useState } from 'react';
import { useMay } from '../app-shell/business.ts';
import { FIRST_PAGE } from '../app-shell/pager.tsx';
import { Button } from '../ui/button.tsx';
import { Check } from '../ui/forms/check.tsx';
import { bind, type Edits, Field, Options, SelectField } from '../ui/forms/field.tsx';
import { DialogForm } from '../ui/forms/form.tsx';
import { Popover } from '../ui/overlays/popover.tsx';
import { toExactInstant, toLocalInput } from '../ui/text/local-time.ts';
import { useCampaignNames } from './campaigns/campaign-change.ts';
import type { CallsSearch } from './search.ts';

export type CallFilterProps = Edits<'search', CallsSearch> & {
  readonly direction: 'outbound' | 'inbound';
};

export function CallFilter(props: CallFilterProps) {
  const [isOpen, setOpen] = useState(false);
  return (
    <Popover
      label="Filters"
      isOpen={isOpen}
      onOpenChange={setOpen}
      trigger={<Button icon={ListFilter}>Filter</Button>}
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

interface CallFilterFormProps extends CallFilterProps {
  readonly onClose: () => void;
}

function CallFilterForm({ direction, search, onChange, onClose }: CallFilterFormProps) {
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
  const onSubmit = () => {
    if (backward) return;
    const given = TIMES.map(({ key }) => [
      key,
      toExactInstant(times[key], search[key]) ?? undefined,
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
  const time = bind(times, setTimes);
  return (
    <DialogForm submit="Show" onSubmit={onSubmit} onCancel={onClose}>
      {hasCampaigns && (
        <SelectField label="Campaign" value={campaign} onText={setCampaign}>
          <option value="">Any, or none</option>
          {/* The campaign of the address, until all are loaded. */}
          {campaign !== '' && !campaigns.some(([id]) => id === campaign) && (
            <option value={campaign}>{campaign}</option>
          )}
          <Options of={campaigns} />
        </SelectField>
      )}
      <Check layout="flex items-center gap-2" checked={isDue} onCheck={setDue}>
        Only calls that are due now
      </Check>
      {TIMES.map(({ key, label }) => (
        <Field
          key={key}
          label={label}
          type="datetime-local"
          {...time(key)}
          error={backward?.[1] === key ? 'The end is before the start.' : null}
        />
      ))}
      <p className="text-xs text-ink-faint">
        By your clock ({Intl.DateTimeFormat().resolvedOptions().timeZone}).
      </p>
    </DialogForm>
  );
}
