import { Chip } from '../ui/chip.tsx';
import type { Edits } from '../ui/forms/field.tsx';
import { formatRange } from '../ui/text/time.tsx';
import { FilterBox } from './filter-box.tsx';
import {
  AGES,
  type ConversationsSearch,
  hasFilter,
  LISTS,
  type ListName,
  namesOf,
  withFilter,
} from './search.ts';

type Props = Edits<'search', ConversationsSearch>;

export function FilterBar({ search, onChange }: Props) {
  return (
    <div className="flex flex-wrap items-center gap-2">
      <FilterBox search={search} onChange={onChange} />
      <TimeChip search={search} onChange={onChange} />
      {(Object.keys(LISTS) as ListName[]).map((list) => (
        <NamesChip key={list} list={list} search={search} onChange={onChange} />
      ))}
      {hasFilter(search) && (
        <button
          type="button"
          className="text-ink-soft underline underline-offset-2 hover:text-ink"
          onClick={() => onChange({ size: search.size })}
        >
          Clear all
        </button>
      )}
    </div>
  );
}

function NamesChip({ list, search, onChange }: Props & { readonly list: ListName }) {
  const names = namesOf(list, search[list]);
  if (names.length === 0) return null;
  return (
    <Chip
      label={LISTS[list].label}
      onRemove={() => onChange(withFilter(search, { [list]: undefined }))}
    >
      {names.map(LISTS[list].text).join(' or ')}
    </Chip>
  );
}

function TimeChip({ search, onChange }: Props) {
  const { started, from, to } = search;
  if (started === undefined && from === undefined && to === undefined) return null;
  const text = started === undefined ? formatRange(from, to) : AGES[started as keyof typeof AGES];
  const nothing = { started: undefined, from: undefined, to: undefined };
  return (
    <Chip label="Started" onRemove={() => onChange(withFilter(search, nothing))}>
      {text}
    </Chip>
  );
}
