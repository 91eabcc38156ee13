import { useVirtualizer } from '@tanstack/react-virtual';
import { LocateFixed } from 'lucide-react';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { useShortcuts } from '../../app-shell/shortcuts.ts';
import { type Kept, useKept } from '../../ui/browser/use-local-storage.ts';
import { Button } from '../../ui/button.tsx';
import { SELECT } from '../../ui/forms/select.ts';
import { speakerOf } from '../exports.ts';
import { type Player, usePlayer } from '../player/player.ts';
import {
  type Conversation,
  type Entry,
  indexAt,
  type MessageEntry,
  withLogs,
} from '../player/timeline.ts';
import { FindBox } from './find-box.tsx';
import { LogRow } from './log-row.tsx';
import { useMarkedWords } from './marked-words.ts';
import { MessageRow } from './message-row.tsx';

const LEVELS = ['Trace', 'Debug', 'Info', 'Warning', 'Error', 'Critical'] as const;
/** Which logs are shown: none, or those from a level on. */
const LOG_CHOICES = {
  none: 'No logs',
  Warning: 'Warnings',
  Info: 'Info and above',
  Trace: 'All logs',
};
type LogChoice = keyof typeof LOG_CHOICES;
const SHOWN_LOGS: Kept<LogChoice> = {
  key: 'conversation.logs',
  first: 'none',
  isValid: (value): value is LogChoice => typeof value === 'string' && value in LOG_CHOICES,
};
const ESTIMATE = 64;

interface Props {
  readonly conversation: Conversation;
  readonly messages: readonly MessageEntry[];
  readonly player: Player;
  /** The number of the message that the address names, which is marked. */
  readonly pointed: number | null;
  /** The number of the message that is shown at first; null: the first one. */
  readonly shownFirst: number | null;
  /** Whether more is to come: the list stays at its end. */
  readonly isLive: boolean;
  /** Whether what finds words and chooses logs is there. */
  readonly hasTools: boolean;
  readonly onFinding: (isFinding: boolean) => void;
  readonly onPlay: ((time: number) => void) | null;
  readonly onCopy: (message: number) => void;
}

/** All that was said, and logged where wanted; what is spoken is marked and kept in sight. */
export function Transcript(props: Props) {
  const { conversation, messages, player, pointed, shownFirst, isLive } = props;
  const { hasTools, onFinding, onPlay, onCopy } = props;
  const { StartTime, Logs } = conversation;
  const [kept, setKept] = useKept(SHOWN_LOGS);
  const [chosen, setChosen] = useState<LogChoice | null>(null);
  // Where nothing was said they are all that tells why.
  const isSilent = messages.length === 0 && !isLive;
  const logs = chosen ?? (isSilent && kept === 'none' ? 'Trace' : kept);
  const [follows, setFollows] = useState(true);
  const entries: readonly Entry[] = useMemo(
    () =>
      logs === 'none'
        ? messages
        : withLogs(messages, { StartTime, Logs }, LEVELS.slice(LEVELS.indexOf(logs))),
    [logs, messages, StartTime, Logs],
  );
  // Of several that begin in one moment it is the one that was gone to, until the time goes on.
  const [stepped, setStepped] = useState<{ readonly index: number; readonly time: number } | null>(
    null,
  );
  const spoken = usePlayer(
    player,
    useCallback(
      ({ time }) => (time === stepped?.time ? stepped.index : indexAt(messages, time)),
      [messages, stepped],
    ),
  );
  const isPlaying = usePlayer(player, ({ isPlaying }) => isPlaying);
  const hasBegun = usePlayer(player, ({ hasBegun }) => hasBegun);
  const seeks = usePlayer(player, ({ seeks }) => seeks);
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
  // What somebody goes to comes into sight, whether it plays or not.
  // biome-ignore lint/correctness/useExhaustiveDependencies: only who goes somewhere moves the list
  useEffect(() => {
    if (seeks === 0) return;
    setFollows(isPlaying || !isLive);
    show(Math.max(spoken, 0) + 1);
  }, [seeks]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: once, where the address says
  useEffect(() => {
    if (shownFirst !== null) show(shownFirst);
  }, [shownFirst, entries.length > 0]);
  // What is said while one listens in comes into sight, until one looks at something else.
  // biome-ignore lint/correctness/useExhaustiveDependencies: only more of it moves the list
  useEffect(() => {
    if (isLive && follows && !isPlaying && shownFirst === null) {
      rows.scrollToIndex(entries.length - 1, { align: 'end' });
    }
  }, [isLive, follows, entries.length]);
  useShortcuts({
    down: () => step(1),
    up: () => step(-1),
  });
  const step = (by: 1 | -1) => {
    const from = hasBegun ? spoken : -1;
    const index = Math.min(Math.max(from + by, 0), messages.length - 1);
    const next = messages[index];
    if (!next) return;
    player.seek(next.at);
    setStepped({ index, time: player.state.time });
  };
  const playHere = useMemo(
    () =>
      onPlay &&
      ((time: number) => {
        setFollows(true);
        onPlay(time);
      }),
    [onPlay],
  );
  const [found, setFound] = useState<number | null>(null);
  const [wanted, setWanted] = useState('');
  useMarkedWords(scroller, wanted, rows.range);
  return (
    <section aria-label="Transcript" className="relative flex min-h-0 flex-1 flex-col">
      {hasTools && (
        <div className="flex flex-wrap items-center gap-2 border-b border-line px-4 py-2">
          {messages.length > 0 && (
            <FindBox
              messages={messages}
              onLeave={() => {
                onFinding(false);
                scroller.current?.focus();
              }}
              onWanted={setWanted}
              onFound={(number) => {
                setFound(number);
                if (number === null) return;
                setFollows(false);
                show(number);
              }}
            />
          )}
          <label className="flex items-center gap-1.5 text-ink-soft">
            <span className="sr-only">Logs</span>
            <select
              value={logs}
              onChange={({ target }) => {
                setChosen(target.value as LogChoice);
                setKept(target.value as LogChoice);
              }}
              className={SELECT}
            >
              {Object.entries(LOG_CHOICES).map(([value, label]) => (
                <option key={value} value={value}>
                  {label}
                </option>
              ))}
            </select>
          </label>
        </div>
      )}
      {messages.length === 0 && (
        <p className="px-4 pt-6 pb-2 text-center text-ink-faint">
          {isLive
            ? 'Nothing has been said yet.'
            : 'Transcript' in (conversation.Purged ?? {})
              ? 'The transcript was deleted by a retention rule.'
              : 'Nothing was said.'}
        </p>
      )}
      <div
        ref={scroller}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is reached by keys
        tabIndex={0}
        role="log"
        aria-label="Messages"
        aria-live="off"
        onWheel={() => setFollows(false)}
        // On the element itself it is the scroll bar that is taken hold of.
        onPointerDown={({ target, currentTarget }) => target === currentTarget && setFollows(false)}
        onKeyDown={({ key }) => /^(Page|Home|End)/.test(key) && setFollows(false)}
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
                    isSpoken={hasBegun && entry.number === spoken + 1}
                    isFound={entry.number === (found ?? pointed)}
                    onPlay={playHere}
                    onCopy={onCopy}
                  />
                )}
              </div>
            );
          })}
        </div>
      </div>
      {(isPlaying || isLive) && !follows && (
        <Button className="absolute end-4 bottom-3 shadow-lg" onClick={() => setFollows(true)}>
          <LocateFixed aria-hidden size={14} /> Follow
        </Button>
      )}
    </section>
  );
}

const keyOf = (entry: Entry | undefined): string => `${entry?.kind} ${entry?.number}`;
