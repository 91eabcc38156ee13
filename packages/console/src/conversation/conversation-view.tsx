import { useSearch } from '@tanstack/react-router';
import { useCallback, useEffect, useMemo, useState } from 'react';
import { type Shortcuts, useShortcuts } from '../app-shell/shortcuts.ts';
import { describeClients, isLive } from '../conversations/facts.ts';
import { copyText } from '../ui/copy-button.tsx';
import { Failure } from '../ui/notice.tsx';
import { useTitle } from '../ui/page.tsx';
import { Details } from './details.tsx';
import { Header } from './header.tsx';
import type { Neighbours } from './neighbours.ts';
import { Player } from './player/player.ts';
import { PlayerBar } from './player/player-bar.tsx';
import {
  type Conversation,
  computeLength,
  findIndexAt,
  type MessageEntry,
  toMessageEntries,
} from './player/timeline.ts';
import { useRecordings } from './player/use-recordings.ts';
import { useCompact } from './transcript/compact.ts';
import { Transcript } from './transcript/transcript.tsx';

const SEEK_STEP_MILLISECONDS = 5_000;
const TOAST_MILLISECONDS = 3_000;

interface Props {
  readonly conversation: Conversation;
  /** Of the last refresh; the conversation is the one that was loaded before. */
  readonly error: unknown;
  readonly onRefresh: () => Promise<Conversation | null>;
  readonly neighbours: Neighbours | null;
  readonly onGo: (sessionId: string | null) => void;
}

export function ConversationView({ conversation, error, onRefresh, neighbours, onGo }: Props) {
  const { StartTime, Messages } = conversation;
  // Every refresh has other URLs of recordings; the messages change less often.
  const messages = useMemo(() => toMessageEntries({ StartTime, Messages }), [StartTime, Messages]);
  const { recordings, renew } = useRecordings(conversation, onRefresh);
  const isRecorded = recordings.length > 0;
  const length = Math.max(
    computeLength(conversation, messages),
    ...recordings.map(({ duration }) => duration ?? 0),
  );
  const [player] = useState(() => new Player());
  const [toast, setToast] = useToast();
  const isCompact = useCompact();
  const [isFinding, setFinding] = useState(false);
  const title = describeClients(conversation) || conversation.Id;
  useTitle(title);
  useEffect(() => player.setLength(length), [player, length]);
  const { markedMessage, firstMessage } = useLinkTarget(messages, player);
  const { copyMessageLink, copyTimeLink } = useLinkCopies(player, setToast);
  useShortcuts({
    m: copyTimeLink,
    ...(isCompact && !isFinding && { '/': () => setFinding(true) }),
    ...(isRecorded && playerKeys(player)),
  });
  return (
    <div className="flex min-h-full flex-col xl:h-full xl:flex-row">
      <div className="flex h-[calc(100dvh-3.25rem)] min-h-80 min-w-0 flex-col lg:h-dvh xl:h-full xl:flex-1">
        <Header
          conversation={conversation}
          title={title}
          recordings={recordings}
          neighbours={neighbours}
          onGo={onGo}
          isFinding={isFinding}
          onFinding={setFinding}
          onCopyMoment={copyTimeLink}
          onFailure={() => setToast('Could not save the recording.')}
        />
        {error != null && <Failure error={error} onRetry={() => void onRefresh()} />}
        {isRecorded ? (
          <PlayerBar
            sessionId={conversation.Id}
            player={player}
            recordings={recordings}
            messages={messages}
            length={length}
            renew={renew}
          />
        ) : (
          <NoRecording conversation={conversation} />
        )}
        <Transcript
          conversation={conversation}
          messages={messages}
          player={player}
          markedMessage={markedMessage}
          firstMessage={firstMessage}
          isLive={isLive(conversation.Status)}
          hasTools={!isCompact || isFinding}
          onFinding={setFinding}
          onPlay={isRecorded ? player.playFrom : null}
          onCopy={copyMessageLink}
        />
      </div>
      <div className="border-t border-line bg-surface xl:w-84 xl:shrink-0 xl:overflow-y-auto xl:border-s xl:border-t-0">
        <Details conversation={conversation} />
      </div>
      <Toast text={toast} />
    </div>
  );
}

/** The message in the address, from 1. Seeks there when the address changes. */
function useLinkTarget(messages: readonly MessageEntry[], player: Player) {
  const { message, t } = useSearch({ from: '/inside/b/$businessId/conversations/$sessionId' });
  const markedMessage = message === undefined ? null : Number(message);
  const time =
    t === undefined ? (messages[(markedMessage ?? 0) - 1]?.at ?? null) : Number(t) * 1000;
  const firstMessage = markedMessage ?? (time === null ? null : findIndexAt(messages, time) + 1);
  // biome-ignore lint/correctness/useExhaustiveDependencies: once for each address
  useEffect(() => {
    if (time !== null) player.seek(time);
  }, [t, message]);
  return { markedMessage, firstMessage: firstMessage === 0 ? null : firstMessage };
}

function useLinkCopies(player: Player, onResult: (text: string) => void) {
  const copy = useCallback(
    (search: string) => {
      const url = new URL(location.href);
      url.search = search;
      void copyText(url.href).then((works) =>
        onResult(works ? 'Link copied.' : 'Could not copy the link.'),
      );
    },
    [onResult],
  );
  const copyMessageLink = useCallback((number: number) => copy(`?message=${number}`), [copy]);
  const copyTimeLink = () => copy(`?t=${(player.state.time / 1000).toFixed(1)}`);
  return { copyMessageLink, copyTimeLink };
}

function useToast() {
  const [text, setText] = useState('');
  useEffect(() => {
    if (text === '') return;
    const timer = setTimeout(() => setText(''), TOAST_MILLISECONDS);
    return () => clearTimeout(timer);
  }, [text]);
  return [text, setText] as const;
}

function Toast({ text }: { readonly text: string }) {
  return (
    <p
      role="status"
      className={
        text === ''
          ? 'sr-only'
          : 'fixed inset-x-0 bottom-4 z-30 mx-auto w-fit rounded-lg bg-ink px-4 py-2 text-canvas shadow-lg'
      }
    >
      {text}
    </p>
  );
}

function NoRecording({ conversation }: { readonly conversation: Conversation }) {
  return (
    <p
      className={`border-b border-line px-4 text-ink-faint ${useCompact() ? 'py-1 text-xs' : 'py-2'}`}
    >
      {isLive(conversation.Status)
        ? 'The recording will be available after the call.'
        : 'Recordings' in (conversation.Purged ?? {})
          ? 'The recordings were deleted by a retention rule.'
          : 'No recording.'}
    </p>
  );
}

const playerKeys = (player: Player): Shortcuts => ({
  space: () => player.toggle(),
  left: () => player.seek(player.state.time - SEEK_STEP_MILLISECONDS),
  right: () => player.seek(player.state.time + SEEK_STEP_MILLISECONDS),
  '>': () => player.stepRate(1),
  '<': () => player.stepRate(-1),
  s: () => player.setSkipsSilence(!player.state.skipsSilence),
});
