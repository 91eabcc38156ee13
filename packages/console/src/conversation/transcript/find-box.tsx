import { ChevronDown, ChevronUp, Search } from 'lucide-react';
import { useEffect, useMemo, useRef, useState } from 'react';
import { useShortcuts } from '../../app-shell/shortcuts.ts';
import { IconButton } from '../../ui/button.tsx';
import type { MessageEntry } from '../player/timeline.ts';
import { useCompact } from './compact.ts';
import { fold } from './folded-text.ts';

const containsWords =
  (words: string) =>
  ({ message }: MessageEntry): boolean =>
    fold(message.Content).includes(words);

interface Props {
  readonly messages: readonly MessageEntry[];
  readonly onWanted: (text: string) => void;
  readonly onFound: (number: number | null) => void;
  readonly onLeave: () => void;
}

function countText(found: number, at: number): string | number {
  if (found === 0) return 'No matches';
  return at < 0 ? found : `${at + 1} of ${found}`;
}

/** The search of the browser misses rows that are not rendered. */
export function FindBox({ messages, onWanted, onFound, onLeave }: Props) {
  const isCompact = useCompact();
  const [text, setText] = useState('');
  const [at, setAt] = useState(0);
  const box = useRef<HTMLInputElement>(null);
  useShortcuts({ '/': () => box.current?.focus() });
  const wanted = fold(text.trim());
  const found = useMemo(
    () => (wanted === '' ? [] : messages.filter(containsWords(wanted))),
    [messages, wanted],
  );
  const search = (given: string) => {
    const words = fold(given.trim());
    setText(given);
    onWanted(words);
    const first = words === '' ? undefined : messages.find(containsWords(words));
    setAt(first ? 0 : -1);
    onFound(first?.number ?? null);
  };
  // biome-ignore lint/correctness/useExhaustiveDependencies: removes the marks when it unmounts
  useEffect(
    () => () => {
      onWanted('');
      onFound(null);
    },
    [],
  );
  const go = (index: number) => {
    const wrapped = (index + found.length) % Math.max(found.length, 1);
    setAt(wrapped);
    onFound(found[wrapped]?.number ?? null);
  };
  return (
    <search className="flex min-w-60 flex-1 items-center gap-1">
      <div className="flex h-8 min-w-0 flex-1 items-center gap-2 rounded-md border border-line-strong bg-surface px-2.5 focus-within:outline-2 focus-within:outline-offset-2 focus-within:outline-accent sm:max-w-72">
        <Search aria-hidden size={14} className="shrink-0 text-ink-faint" />
        <input
          ref={box}
          value={text}
          // A compact window shows the box only on request.
          // biome-ignore lint/a11y/noAutofocus: it receives the keys that are typed next
          autoFocus={isCompact}
          onChange={({ target }) => search(target.value)}
          onKeyDown={({ key, shiftKey }) => {
            if (key === 'Enter') go(at + (shiftKey ? -1 : 1));
            if (key !== 'Escape') return;
            if (text === '') onLeave();
            else search('');
          }}
          placeholder="Find in this conversation"
          aria-label="Find in this conversation"
          className="min-w-0 flex-1 bg-transparent placeholder:text-ink-faint focus:outline-none"
        />
        {wanted !== '' && (
          <span role="status" className="text-xs whitespace-nowrap text-ink-faint">
            {countText(found.length, at)}
          </span>
        )}
      </div>
      <IconButton
        label="Previous match"
        icon={ChevronUp}
        disabled={found.length === 0}
        onClick={() => go(at - 1)}
      />
      <IconButton
        label="Next match"
        icon={ChevronDown}
        disabled={found.length === 0}
        onClick={() => go(at + 1)}
      />
    </search>
  );
}
