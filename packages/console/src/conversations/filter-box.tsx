import { Command } from 'cmdk';
import { ListFilter } from 'lucide-react';
import { useRef, useState } from 'react';
import { useShortcuts } from '../app-shell/shortcuts.ts';
import type { Edits } from '../ui/forms/field.tsx';
import { fuzzyMatch } from '../ui/text/fuzzy-match.ts';
import { FilterOptions } from './filter-options.tsx';
import { RangeForm } from './range-form.tsx';
import { type ConversationsSearch, withFilter } from './search.ts';

export function FilterBox({ search, onChange }: Edits<'search', ConversationsSearch>) {
  const input = useRef<HTMLInputElement>(null);
  const [text, setText] = useState('');
  const [isOpen, setOpen] = useState(false);
  const [isRangeOpen, setRangeOpen] = useState(false);
  useShortcuts({ '/': () => input.current?.focus() });
  const choose = (change: Partial<ConversationsSearch>) => {
    onChange(withFilter(search, change));
    setText('');
    setOpen(false);
    input.current?.blur();
  };
  const openRange = () => {
    setOpen(false);
    setRangeOpen(true);
  };
  return (
    <>
      <Command
        label="Filter"
        loop
        filter={fuzzyMatch}
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
          // Focusable: a click beside an option keeps the focus here, so the list stays open.
          tabIndex={-1}
          className="absolute inset-x-0 top-9 z-30 max-h-96 overflow-y-auto rounded-lg border border-line bg-raised p-1 shadow-xl"
        >
          <FilterOptions search={search} text={text} onChoose={choose} onRange={openRange} />
        </Command.List>
      </Command>
      {/* Outside of Command, which would handle the keys of the form. */}
      <RangeForm
        isOpen={isRangeOpen}
        onClose={() => setRangeOpen(false)}
        from={search.from}
        to={search.to}
        onChoose={(range) => choose({ ...range, started: undefined })}
      />
    </>
  );
}
