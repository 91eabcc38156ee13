import { useVirtualizer } from '@tanstack/react-virtual';
import { ChevronDown, ChevronUp, LocateFixed, Search } from 'lucide-react';
import { useEffect, useMemo, useRef, useState } from 'react';
import { useShortcuts } from '../frame/shortcuts.ts';
import { Button, IconButton } from '../ui/button.tsx';
import { type Kept, useKept } from '../ui/kept.ts';
import { speakerOf } from './exports.ts';
import { LogRow } from './log-row.tsx';
import { MessageRow } from './message-row.tsx';
import { type Player, usePlayer } from './player.ts';
import { type Conversation, type Entry, indexAt, type MessageEntry, withLogs } from './timeline.ts';

const WITH_LOGS: Kept<boolean> = {
  key: 'conversation.logs',
  first: false,
  isValid: (value): value is boolean => typeof value === 'boolean',
};
const ESTIMATE = 64;

interface Props {
  readonly conversation: Conversation;
  readonly messages: readonly MessageEntry[];
  readonly player: Player;
  /** The number of the message that the address points to. */
  readonly pointed: number | null;
  readonly onPlay: (time: number) => void;
  readonly onCopy: (message: number) => void;
}

/** All that was said, and logged where wanted; what is spoken is marked and kept in sight. */
export function Transcript({ conversation, messages, player, pointed, onPlay, onCopy }: Props) {
  const [showsLogs, setShowsLogs] = useKept(WITH_LOGS);
  const [follows, setFollows] = useState(true);
  const entries: readonly Entry[] = useMemo(
    () => (showsLogs ? withLogs(messages, conversation) : messages),
    [showsLogs, messages, conversation],
  );
  const spoken = usePlayer(
    player,
    useMemo(
      () =>
        ({ time }: { time: number }) =>
          indexAt(messages, time),
      [messages],
    ),
  );
  const isPlaying = usePlayer(player, ({ isPlaying }) => isPlaying);
  const scroller = useRef<HTMLDivElement>(null);
  const rows = useVirtualizer({
    count: entries.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ESTIMATE,
    overscan: 8,
    getItemKey: (index) => keyOf(entries[index]),
  });
  const indexOf = (message: number) =>
    entries.findIndex((entry) => entry.kind === 'message' && entry.number === message);
  const show = (message: number, align: 'center' | 'auto' = 'center') => {
    const index = indexOf(message);
    if (index >= 0) rows.scrollToIndex(index, { align });
  };
  // biome-ignore lint/correctness/useExhaustiveDependencies: only another message moves the list
  useEffect(() => {
    if (isPlaying && follows && spoken >= 0) show(spoken + 1, 'center');
  }, [spoken, isPlaying, follows]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: once, where the address says
  useEffect(() => {
    if (pointed !== null) show(pointed);
  }, [pointed, entries.length > 0]);
  useShortcuts({
    down: () => step(1),
    up: () => step(-1),
  });
  const step = (by: 1 | -1) => {
    const next = messages[Math.min(Math.max(spoken + by, 0), messages.length - 1)];
    if (!next) return;
    player.seek(next.at);
    show(next.number);
  };
  const [found, setFound] = useState<number | null>(null);
  return (
    <section aria-label="Transcript" className="flex min-h-0 flex-1 flex-col">
      <div className="flex flex-wrap items-center gap-2 border-b border-line px-4 py-2">
        <FindBox
          messages={messages}
          onFound={(number) => {
            setFound(number);
            setFollows(false);
            if (number !== null) show(number);
          }}
        />
        <label className="flex items-center gap-1.5 text-ink-soft">
          <input
            type="checkbox"
            checked={showsLogs}
            onChange={({ target }) => setShowsLogs(target.checked)}
            className="size-4 accent-accent"
          />
          Logs ({conversation.Logs.length})
        </label>
        {isPlaying && !follows && (
          <Button className="ms-auto" onClick={() => setFollows(true)}>
            <LocateFixed aria-hidden size={14} /> Follow
          </Button>
        )}
      </div>
      <div
        ref={scroller}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is reached by keys
        tabIndex={0}
        role="log"
        aria-label="Messages"
        aria-live="off"
        onWheel={() => setFollows(false)}
        onTouchMove={() => setFollows(false)}
        className="min-h-0 flex-1 overflow-y-auto py-2"
      >
        <div className="relative" style={{ height: rows.getTotalSize() }}>
          {rows.getVirtualItems().map((row) => {
            const entry = entries[row.index];
            return (
              <div
                key={row.key}
                data-index={row.index}
                ref={rows.measureElement}
                className="absolute inset-x-0 top-0"
                style={{ transform: `translateY(${row.start}px)` }}
              >
                {entry?.kind === 'log' && <LogRow log={entry.log} at={entry.at} />}
                {entry?.kind === 'message' && (
                  <MessageRow
                    entry={entry}
                    speaker={speakerOf(conversation, entry.message.SenderId)}
                    player={player}
                    isSpoken={entry.number === spoken + 1}
                    isFound={entry.number === (found ?? pointed)}
                    onPlay={onPlay}
                    onCopy={onCopy}
                  />
                )}
              </div>
            );
          })}
        </div>
      </div>
    </section>
  );
}

const keyOf = (entry: Entry | undefined): string => `${entry?.kind} ${entry?.number}`;

/** Finds words in the messages; the browser's own search does not see those out of sight. */
function FindBox({
  messages,
  onFound,
}: {
  readonly messages: readonly MessageEntry[];
  readonly onFound: (number: number | null) => void;
}) {
  const [text, setText] = useState('');
  const [at, setAt] = useState(0);
  const box = useRef<HTMLInputElement>(null);
  useShortcuts({ '/': () => box.current?.focus() });
  const wanted = text.trim().toLowerCase();
  const found = useMemo(
    () =>
      wanted === ''
        ? []
        : messages.filter(({ message }) => message.Content.toLowerCase().includes(wanted)),
    [messages, wanted],
  );
  const go = (index: number) => {
    const wrapped = (index + found.length) % Math.max(found.length, 1);
    setAt(wrapped);
    onFound(found[wrapped]?.number ?? null);
  };
  return (
    <search className="flex min-w-0 flex-1 items-center gap-1">
      <div className="flex h-8 min-w-0 flex-1 items-center gap-2 rounded-md border border-line-strong bg-surface px-2.5 sm:max-w-72">
        <Search aria-hidden size={14} className="shrink-0 text-ink-faint" />
        <input
          ref={box}
          value={text}
          onChange={({ target }) => {
            setText(target.value);
            setAt(-1);
            onFound(null);
          }}
          onKeyDown={({ key, shiftKey }) => {
            if (key === 'Enter') go(at + (shiftKey ? -1 : 1));
          }}
          placeholder="Find in this conversation"
          aria-label="Find in this conversation"
          className="min-w-0 flex-1 bg-transparent placeholder:text-ink-faint focus:outline-none"
        />
        {wanted !== '' && (
          <span role="status" className="text-xs whitespace-nowrap text-ink-faint">
            {found.length === 0 ? 'none' : at < 0 ? found.length : `${at + 1} of ${found.length}`}
          </span>
        )}
      </div>
      <IconButton
        label="Find the one before"
        disabled={found.length === 0}
        onClick={() => go(at - 1)}
      >
        <ChevronUp aria-hidden size={16} />
      </IconButton>
      <IconButton
        label="Find the next one"
        disabled={found.length === 0}
        onClick={() => go(at + 1)}
      >
        <ChevronDown aria-hidden size={16} />
      </IconButton>
    </search>
  );
}
