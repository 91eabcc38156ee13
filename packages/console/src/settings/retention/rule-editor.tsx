import { ChevronDown, ChevronUp, Pencil, Trash2 } from 'lucide-react';
import { useId, useState } from 'react';
import { useList } from '../../api/use-list.ts';
import { useBusinessId, useMay } from '../../app-shell/business.ts';
import { IconButton } from '../../ui/button.tsx';
import { bind, type Edits, Field, TextAreaField } from '../../ui/forms/field.tsx';
import { NameBoxes } from '../name-boxes.tsx';
import {
  DAYS_KEYS,
  type Draft,
  describeDays,
  describeMatch,
  findFlaws,
  OUTCOMES,
  PART_LABELS,
  parseCampaignIds,
  TYPES,
  toRule,
} from './retention-rules.ts';

interface Props {
  readonly draft: Draft;
  readonly place: number;
  readonly isLast: boolean;
  readonly isOpen: boolean;
  readonly mayChange: boolean;
  readonly onOpen: (isOpen: boolean) => void;
  readonly onChange: (draft: Draft) => void;
  readonly onMove: (by: 1 | -1) => void;
  readonly onRemove: () => void;
}

export function RuleEditor(props: Props) {
  const { draft, place, isLast, isOpen, mayChange, onOpen, onMove, onRemove } = props;
  const flaws = findFlaws(draft);
  const isRight = Object.keys(flaws).length === 0;
  const name = draft.name || 'New rule';
  return (
    <li className="py-3">
      <div className="flex flex-wrap items-start gap-x-3 gap-y-2">
        <span className="w-5 shrink-0 pt-1.5 text-end text-ink-faint tabular">{place}.</span>
        <div className="min-w-0 flex-1 basis-40 pt-1.5">
          <h3 className="font-medium break-words">
            <span dir="auto">{name}</span>
          </h3>
          {isRight && !isOpen && (
            <>
              <p className="break-words text-ink-soft" dir="auto">
                {describeMatch(toRule(draft))}
              </p>
              <p className="text-ink-soft">{describeDays(toRule(draft))}</p>
            </>
          )}
          {!isRight && !isOpen && <p className="text-bad">This rule is incomplete.</p>}
        </div>
        {mayChange && (
          <div className="flex">
            <IconButton
              label={`${name}: up`}
              icon={ChevronUp}
              disabled={place === 1}
              onClick={() => onMove(-1)}
            />
            <IconButton
              label={`${name}: down`}
              icon={ChevronDown}
              disabled={isLast}
              onClick={() => onMove(1)}
            />
            <IconButton
              label={`${name}: edit`}
              icon={Pencil}
              iconSize={15}
              aria-expanded={isOpen}
              onClick={() => onOpen(!isOpen)}
            />
            <IconButton label={`${name}: remove`} icon={Trash2} iconSize={15} onClick={onRemove} />
          </div>
        )}
      </div>
      {isOpen && <RuleFields {...props} />}
    </li>
  );
}

function RuleFields({ draft, onChange }: Props) {
  // No error for a missing name until the user had the time to type it.
  const [isNamed, setNamed] = useState(draft.name !== '');
  const flaws = findFlaws(draft);
  const set = (change: Partial<Draft>) => onChange({ ...draft, ...change });
  const field = bind(draft, set);
  return (
    <div className="mt-3 flex flex-col gap-4 sm:ps-8">
      <Field
        label="Name"
        dir="auto"
        {...field('name')}
        onBlur={() => setNamed(true)}
        error={isNamed ? (flaws.name ?? null) : null}
        maxLength={1024}
      />
      <div className="grid grid-cols-1 gap-4 sm:grid-cols-2">
        <NameBoxes
          label="Types (none selected: any)"
          names={TYPES}
          chosen={draft.types}
          onChange={(types) => set({ types })}
        />
        <CampaignsField value={draft.campaigns} onChange={(campaigns) => set({ campaigns })} />
      </div>
      <NameBoxes
        label="Outcomes (none selected: any)"
        names={OUTCOMES}
        chosen={draft.outcomes}
        onChange={(outcomes) => set({ outcomes })}
      />
      <TextAreaField
        label="Metadata contains"
        dir="ltr"
        className="min-h-14"
        {...field('metadata')}
        placeholder={'{"kind": "survey"}'}
        hint="As JSON. Empty: any."
        error={flaws.metadata ?? null}
      />
      <fieldset>
        <legend className="font-medium">Days to keep after the end</legend>
        <p className="mb-2 text-xs text-ink-faint">Empty: forever. 0: deleted immediately.</p>
        <div className="grid grid-cols-2 items-end gap-3 sm:grid-cols-4">
          {DAYS_KEYS.map((key) => (
            <Field
              key={key}
              label={PART_LABELS[key]}
              inputMode="numeric"
              value={draft.days[key]}
              onChange={({ target }) =>
                set({ days: { ...draft.days, [key]: target.value.trim() } })
              }
              error={flaws[key] ?? null}
              placeholder="forever"
            />
          ))}
        </div>
      </fieldset>
    </div>
  );
}

/** Ids of campaigns separated by commas, with suggestions for the next one. */
function CampaignsField({ value, onChange }: Edits<'value', string>) {
  const id = useId();
  const enabled = useMay()('MakeCall', 'Executing');
  const list = useList('GetCampaigns', { businessId: useBusinessId(), Limit: 100 }, { enabled });
  const written = parseCampaignIds(value);
  const known = list.items ?? [];
  // The last id may be incomplete.
  const whole = written.filter((one) => known.some(({ CampaignId }) => CampaignId === one));
  return (
    <>
      <Field
        label="Campaigns"
        list={id}
        value={value}
        onText={onChange}
        placeholder="spring-2026, survey"
        hint="Campaign ids, separated by commas. Empty: any or none."
      />
      <datalist id={id}>
        {known
          .filter(({ CampaignId }) => !written.includes(CampaignId))
          .map(({ CampaignId, Name }) => (
            <option key={CampaignId} value={[...whole, CampaignId].join(', ')}>
              {Name}
            </option>
          ))}
      </datalist>
    </>
  );
}
