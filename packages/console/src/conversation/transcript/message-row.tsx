import { Link2, Play } from 'lucide-react';
import { type MouseEvent, memo, useCallback, useMemo } from 'react';
import { Badge } from '../../ui/badge.tsx';
import { IconButton } from '../../ui/button.tsx';
import { classNames } from '../../ui/class-names.ts';
import { formatDuration } from '../../ui/text/time.tsx';
import { Latency } from '../latency.tsx';
import { type Player, usePlayer } from '../player/player.ts';
import { findWordAt, type MessageEntry } from '../player/timeline.ts';
import { ToolCallRow } from './tool-call.tsx';
import { splitByWords } from './word-places.ts';

interface MessageRowProps {
  readonly entry: MessageEntry;
  readonly speaker: string;
  readonly player: Player;
  readonly isSpoken: boolean;
  readonly isFound: boolean;
  /** null: there is no recording. */
  readonly onPlay: ((time: number) => void) | null;
  readonly onCopy: (number: number) => void;
}

export const MessageRow = memo(function MessageRow(props: MessageRowProps) {
  const { entry, speaker, isSpoken, isFound, onPlay, onCopy } = props;
  const { message, at, number, latency } = entry;
  const isAgent = message.Role === 'Agent';
  return (
    <article
      aria-label={`${speaker}, ${formatDuration(at)}`}
      aria-current={isSpoken ? 'time' : undefined}
      className={classNames(
        'group flex gap-3 border-s-2 px-4 py-2',
        isSpoken ? 'border-accent bg-accent-soft/60' : 'border-transparent',
        isFound && 'bg-warn-soft',
      )}
    >
      {onPlay ? (
        <button
          type="button"
          // Keeps the focus where it is, for Space to pause.
          onMouseDown={(event) => event.preventDefault()}
          onClick={() => onPlay(at)}
          title="Play from here"
          aria-label={`Play from ${formatDuration(at)}`}
          className="flex h-6 w-14 shrink-0 items-center gap-1 rounded text-xs text-ink-faint tabular hover:text-accent"
        >
          <Play aria-hidden size={11} />
          {formatDuration(at)}
        </button>
      ) : (
        <span className="h-6 w-14 shrink-0 pt-0.5 text-xs text-ink-faint tabular">
          {formatDuration(at)}
        </span>
      )}
      <div className="min-w-0 flex-1">
        {message.Role === 'Tool' ? (
          <ToolCallRow message={message} />
        ) : (
          <>
            <div className="flex flex-wrap items-center gap-x-2 gap-y-0.5">
              <span
                dir="auto"
                className={`max-w-full truncate font-medium ${isAgent ? 'text-accent-strong' : 'text-info'}`}
              >
                {speaker}
              </span>
              {message.Role === 'System' && <Badge>System</Badge>}
              <Latency milliseconds={latency} metrics={message.Metrics} />
              {message.WasInterrupted && <Badge tone="warn">Interrupted</Badge>}
              {message.Confidence != null && message.Confidence < 0.6 && (
                <Badge tone="warn">{Math.round(message.Confidence * 100)} % confidence</Badge>
              )}
            </div>
            <Words {...props} />
          </>
        )}
      </div>
      <IconButton
        label={`Copy a link to message ${number}`}
        icon={Link2}
        iconSize={14}
        onClick={() => onCopy(number)}
        className="opacity-0 group-hover:opacity-100 focus-visible:opacity-100"
      />
    </article>
  );
});

function Words({ entry, player, isSpoken, onPlay }: MessageRowProps) {
  const spoken = usePlayer(
    player,
    useCallback(({ time }) => (isSpoken ? findWordAt(entry, time) : -1), [isSpoken, entry]),
  );
  const { message, at } = entry;
  const { Words: words, Content } = message;
  const pieces = useMemo(
    () =>
      onPlay && words
        ? splitByWords(
            Content,
            words.map(({ Word }) => Word),
          )
        : [],
    [onPlay, words, Content],
  );
  const text = 'text-[0.9375rem] break-words whitespace-pre-wrap';
  if (!onPlay) {
    return (
      <p className={text} dir="auto">
        {Content}
      </p>
    );
  }
  const onClick = ({ target }: MouseEvent) => {
    // A selection is made for copying.
    if (getSelection()?.isCollapsed === false) return;
    const index = target instanceof HTMLElement ? target.dataset.word : undefined;
    onPlay(at + (words?.[Number(index)]?.StartMs ?? 0));
  };
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the button beside it does the same by keys
    <p className={`${text} cursor-pointer`} dir="auto" onClick={onClick}>
      {pieces.length === 0
        ? Content
        : pieces.map(({ text, word }, index) => (
            <span
              // biome-ignore lint/suspicious/noArrayIndexKey: words do not move
              key={index}
              data-word={word ?? undefined}
              className={
                word === null
                  ? undefined
                  : classNames(
                      'rounded-sm hover:bg-accent-soft',
                      word === spoken && 'bg-accent text-on-accent hover:bg-accent',
                    )
              }
            >
              {text}
            </span>
          ))}
    </p>
  );
}
