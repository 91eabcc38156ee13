import { useVirtualizer, type Virtualizer } from '@tanstack/react-virtual';
import { LocateFixed } from 'lucide-react';
import { type RefObject, useCallback, useMemo, useRef, useState } from 'react';
import { useShortcuts } from '../../app-shell/shortcuts.ts';
import { Button } from '../../ui/button.tsx';
import { findSpeaker } from '../exports.ts';
import { type Player, usePlayer } from '../player/player.ts';
import {
  type Conversation,
  type Entry,
  findIndexAt,
  type MessageEntry,
  mergeLogs,
} from '../player/timeline.ts';
import { FindBox } from './find-box.tsx';
import { type LogChoice, LogSelect, useLogChoice } from './log-choice.tsx';
import { LogRow } from './log-row.tsx';
import { useMarkedWords } from './marked-words.ts';
import { MessageRow } from './message-row.tsx';
import { useFollow } from './use-follow.ts';

const LEVELS = ['Trace', 'Debug', 'Info', 'Warning', 'Error', 'Critical'] as const;
const ESTIMATED_ROW_HEIGHT = 64;

interface Props {
  readonly conversation: Conversation;
  readonly messages: readonly MessageEntry[];
  readonly player: Player;
  readonly markedMessage: number | null;
  readonly firstMessage: number | null;
  readonly isLive: boolean;
  readonly hasTools: boolean;
  readonly onFinding: (isFinding: boolean) => void;
  readonly onPlay: ((time: number) => void) | null;
  readonly onCopy: (message: number) => void;
}

export function Transcript(props: Props) {
  const { conversation, messages, player, markedMessage, firstMessage, isLive } = props;
  const { hasTools, onFinding, onPlay, onCopy } = props;
  const [logs, chooseLogs] = useLogChoice(messages.length > 0 || isLive);
  const entries = useEntries(conversation, messages, logs);
  const { current, hasBegun } = useCurrentMessage(messages, player);
  const scroller = useRef<HTMLDivElement>(null);
  const rows = useRows(entries, scroller);
  const { mayFollow, setFollowing, scrollToMessage, playHere } = useFollow({
    rows,
    entries,
    player,
    current,
    isLive,
    firstMessage,
    onPlay,
  });
  const [wanted, setWanted] = useState('');
  useMarkedWords(scroller, wanted, rows.range);
  const [found, showFound] = useFound({ setFollowing, scrollToMessage });
  const leaveFindBox = () => {
    onFinding(false);
    scroller.current?.focus();
  };
  return (
    <section aria-label="Transcript" className="relative flex min-h-0 flex-1 flex-col">
      {hasTools && (
        <div className="flex flex-wrap items-center gap-2 border-b border-line px-4 py-2">
          {messages.length > 0 && (
            <FindBox
              messages={messages}
              onLeave={leaveFindBox}
              onWanted={setWanted}
              onFound={showFound}
            />
          )}
          <LogSelect choice={logs} onChoose={chooseLogs} />
        </div>
      )}
      {messages.length === 0 && <NoMessages conversation={conversation} isLive={isLive} />}
      <div
        ref={scroller}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: keys scroll it
        tabIndex={0}
        role="log"
        aria-label="Messages"
        aria-live="off"
        onWheel={() => setFollowing(false)}
        // The target is the element itself if its scroll bar is dragged.
        onPointerDown={({ target, currentTarget }) =>
          target === currentTarget && setFollowing(false)
        }
        onKeyDown={({ key }) => /^(Page|Home|End)/.test(key) && setFollowing(false)}
        onTouchMove={() => setFollowing(false)}
        className="min-h-0 flex-1 overflow-y-auto py-2"
      >
        <Rows
          rows={rows}
          entries={entries}
          conversation={conversation}
          player={player}
          onCopy={onCopy}
          currentNumber={hasBegun ? current + 1 : null}
          foundNumber={found ?? markedMessage}
          onPlay={playHere}
        />
      </div>
      {mayFollow && <FollowButton onFollow={() => setFollowing(true)} />}
    </section>
  );
}

const useRows = (entries: readonly Entry[], scroller: RefObject<HTMLDivElement | null>) =>
  useVirtualizer({
    count: entries.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ESTIMATED_ROW_HEIGHT,
    overscan: 8,
    getItemKey: (index) => keyOf(entries[index]),
  });

const FollowButton = ({ onFollow }: { readonly onFollow: () => void }) => (
  <Button icon={LocateFixed} className="absolute end-4 bottom-3 shadow-lg" onClick={onFollow}>
    Follow
  </Button>
);

function useFound(
  follow: Pick<ReturnType<typeof useFollow>, 'setFollowing' | 'scrollToMessage'>,
): [number | null, (number: number | null) => void] {
  const [found, setFound] = useState<number | null>(null);
  const showFound = (number: number | null) => {
    setFound(number);
    if (number === null) return;
    follow.setFollowing(false);
    follow.scrollToMessage(number);
  };
  return [found, showFound];
}

interface RowsProps {
  readonly rows: Virtualizer<HTMLDivElement, Element>;
  readonly entries: readonly Entry[];
  readonly conversation: Conversation;
  readonly player: Player;
  readonly currentNumber: number | null;
  readonly foundNumber: number | null;
  readonly onPlay: ((time: number) => void) | null;
  readonly onCopy: (message: number) => void;
}

function Rows(props: RowsProps) {
  const { rows, entries, conversation, player, currentNumber, foundNumber, onPlay, onCopy } = props;
  return (
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
                speaker={findSpeaker(conversation, entry.message.SenderId)}
                player={player}
                isSpoken={entry.number === currentNumber}
                isFound={entry.number === foundNumber}
                onPlay={onPlay}
                onCopy={onCopy}
              />
            )}
          </div>
        );
      })}
    </div>
  );
}

function useEntries(
  { StartTime, Logs }: Conversation,
  messages: readonly MessageEntry[],
  logs: LogChoice,
): readonly Entry[] {
  return useMemo(
    () =>
      logs === 'none'
        ? messages
        : mergeLogs(messages, { StartTime, Logs }, LEVELS.slice(LEVELS.indexOf(logs))),
    [logs, messages, StartTime, Logs],
  );
}

/** Index at the player's time, -1 before the first. The arrow keys step through messages. */
function useCurrentMessage(messages: readonly MessageEntry[], player: Player) {
  // If several messages begin at the same time, the last step decides until the time changes.
  const [stepped, setStepped] = useState<{ readonly index: number; readonly time: number } | null>(
    null,
  );
  const current = usePlayer(
    player,
    useCallback(
      ({ time }) => (time === stepped?.time ? stepped.index : findIndexAt(messages, time)),
      [messages, stepped],
    ),
  );
  const hasBegun = usePlayer(player, ({ hasBegun }) => hasBegun);
  const step = (by: 1 | -1) => {
    const from = hasBegun ? current : -1;
    const index = Math.min(Math.max(from + by, 0), messages.length - 1);
    const next = messages[index];
    if (!next) return;
    player.seek(next.at);
    setStepped({ index, time: player.state.time });
  };
  useShortcuts({ down: () => step(1), up: () => step(-1) });
  return { current, hasBegun };
}

interface NoMessagesProps {
  readonly conversation: Conversation;
  readonly isLive: boolean;
}

function NoMessages({ conversation, isLive }: NoMessagesProps) {
  return (
    <p className="px-4 pt-6 pb-2 text-center text-ink-faint">
      {isLive
        ? 'Nothing has been said yet.'
        : 'Transcript' in (conversation.Purged ?? {})
          ? 'The transcript was deleted by a retention rule.'
          : 'Nothing was said.'}
    </p>
  );
}

const keyOf = (entry: Entry | undefined): string => `${entry?.kind} ${entry?.number}`;
