import { useNavigate } from '@tanstack/react-router';
import { Command } from 'cmdk';
import { ListFilter } from 'lucide-react';
import { type ReactNode, useRef, useState } from 'react';
import { useBusinessId } from '../app-shell/business.ts';
import { useShortcuts } from '../app-shell/shortcuts.ts';
import { Chip } from '../ui/chip.tsx';
import { byWords } from '../ui/text/fuzzy-match.ts';
import { absoluteText } from '../ui/text/time.tsx';
import { RangeForm } from './range-form.tsx';
import {
  AGES,
  type ConversationsSearch,
  hasFilter,
  LISTS,
  type ListName,
  namesOf,
  withFilter,
} from './search.ts';

interface Props {
  readonly search: ConversationsSearch;
  readonly onChange: (search: ConversationsSearch) => void;
}

/** What the list is narrowed to, as chips, and a line to type in what else it should be. */
export function FilterBar({ search, onChange }: Props) {
  return (
    <div className="flex flex-wrap items-center gap-2">
      <FilterLine search={search} onChange={onChange} />
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
  const text =
    started === undefined
      ? [
          from && `from ${absoluteText(Date.parse(from))}`,
          to && `to ${absoluteText(Date.parse(to))}`,
        ]
          .filter(Boolean)
          .join(' ')
      : AGES[started as keyof typeof AGES];
  const nothing = { started: undefined, from: undefined, to: undefined };
  return (
    <Chip label="Started" onRemove={() => onChange(withFilter(search, nothing))}>
      {text}
    </Chip>
  );
}

/** What may be an id, and is no ordinary word. */
const ID = /^(?=.*[\d_:-])[A-Za-z0-9_.:-]{3,128}$/;

/** A line that offers every filter by a few of its letters, and to open a conversation by its id. */
function FilterLine({ search, onChange }: Props) {
  const businessId = useBusinessId();
  const navigate = useNavigate();
  const input = useRef<HTMLInputElement>(null);
  const [text, setText] = useState('');
  const [isOpen, setOpen] = useState(false);
  const [asksRange, setAsksRange] = useState(false);
  useShortcuts({ '/': () => input.current?.focus() });
  const choose = (change: Partial<ConversationsSearch>) => {
    onChange(withFilter(search, change));
    setText('');
    setOpen(false);
    input.current?.blur();
  };
  const toggle = (list: ListName, name: string) => {
    const names = namesOf(list, search[list]);
    const next = names.includes(name) ? names.filter((one) => one !== name) : [...names, name];
    choose({ [list]: next.join(',') || undefined });
  };
  const id = text.trim();
  return (
    <>
      <Command
        label="Filter"
        loop
        filter={byWords}
        className="relative w-full sm:w-72"
        onKeyDown={(event) => {
          if (event.key !== 'Escape') return;
          setOpen(false);
          input.current?.blur();
        }}
        onBlur={({ currentTarget, relatedTarget }) => {
          if (!currentTarget.contains(relatedTarget)) setOpen(false);
        }}
      >
        <div className="flex h-8 items-center gap-2 rounded-md border border-line-strong bg-surface px-2.5 focus-within:outline-2 focus-within:outline-offset-2 focus-within:outline-accent">
          <ListFilter aria-hidden size={14} className="shrink-0 text-ink-faint" />
          <Command.Input
            ref={input}
            value={text}
            onValueChange={(value) => {
              setText(value);
              setOpen(true);
            }}
            onFocus={() => setOpen(true)}
            placeholder="Status, outcome, time, or an id"
            className="min-w-0 flex-1 bg-transparent placeholder:text-ink-faint focus:outline-none"
          />
          <kbd className="rounded border border-line bg-sunken px-1 font-mono text-xs text-ink-faint">
            /
          </kbd>
        </div>
        <Command.List
          hidden={!isOpen}
          // So that a click on what does nothing keeps the line open.
          tabIndex={-1}
          className="absolute inset-x-0 top-9 z-30 max-h-96 overflow-y-auto rounded-lg border border-line bg-raised p-1 shadow-xl"
        >
          <Command.Empty className="px-2 py-3 text-ink-faint">
            No matching filter. Names, phone numbers and transcripts can't be searched: filter by
            start time, status, type, outcome or duration, or paste the id of a conversation.
          </Command.Empty>
          <OptionGroup heading="Started">
            {Object.entries(AGES).map(([age, label]) => (
              <Option
                key={age}
                value={`started ${label}`}
                onSelect={() => choose({ started: age, from: undefined, to: undefined })}
              >
                {label}
              </Option>
            ))}
            <Option
              value="started between two times from to custom range"
              onSelect={() => {
                setOpen(false);
                setAsksRange(true);
              }}
            >
              Custom range…
            </Option>
          </OptionGroup>
          {(Object.keys(LISTS) as ListName[]).map((list) => (
            <OptionGroup key={list} heading={LISTS[list].label}>
              {LISTS[list].names.map((name) => (
                <Option
                  key={name}
                  value={`${LISTS[list].label} ${LISTS[list].text(name)} ${name}`}
                  isChosen={namesOf(list, search[list]).includes(name)}
                  onSelect={() => toggle(list, name)}
                >
                  {LISTS[list].text(name)}
                </Option>
              ))}
            </OptionGroup>
          ))}
          {ID.test(id) && (
            <OptionGroup heading="Conversation">
              <Option
                value={`open ${id}`}
                onSelect={() =>
                  void navigate({
                    to: '/b/$businessId/conversations/$sessionId',
                    params: { businessId, sessionId: id },
                  })
                }
              >
                Open <span className="font-mono text-xs break-all">{id}</span>
              </Option>
            </OptionGroup>
          )}
        </Command.List>
      </Command>
      {/* Beside the line, which would take its keys. */}
      <RangeForm
        isOpen={asksRange}
        onClose={() => setAsksRange(false)}
        from={search.from}
        to={search.to}
        onChoose={(range) => choose({ ...range, started: undefined })}
      />
    </>
  );
}

function OptionGroup({
  heading,
  children,
}: {
  readonly heading: string;
  readonly children: ReactNode;
}) {
  return (
    <Command.Group
      heading={heading}
      className="[&_[cmdk-group-heading]]:px-2 [&_[cmdk-group-heading]]:pt-2 [&_[cmdk-group-heading]]:pb-1 [&_[cmdk-group-heading]]:text-xs [&_[cmdk-group-heading]]:text-ink-faint"
    >
      {children}
    </Command.Group>
  );
}

function Option({
  value,
  children,
  isChosen = false,
  onSelect,
}: {
  readonly value: string;
  readonly children: ReactNode;
  readonly isChosen?: boolean;
  readonly onSelect: () => void;
}) {
  return (
    <Command.Item
      value={value}
      onSelect={onSelect}
      className="flex cursor-pointer items-center gap-2 rounded px-2 py-1.5 data-[selected=true]:bg-accent-soft"
    >
      {children}
      {isChosen && <span className="ms-auto text-xs text-ink-faint">selected</span>}
    </Command.Item>
  );
}
