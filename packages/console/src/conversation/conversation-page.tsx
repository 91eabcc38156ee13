import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { FileX } from 'lucide-react';
import { useCallback, useEffect, useMemo, useState } from 'react';
import { hasReason, isRefused } from '../api/failure.ts';
import { useOp } from '../api/use-op.ts';
import { useBusinessId } from '../app-shell/business.ts';
import { type Shortcuts, useShortcuts } from '../app-shell/shortcuts.ts';
import { clientText, isLive } from '../conversations/facts.ts';
import { buttonClass } from '../ui/button.tsx';
import { copyText } from '../ui/copy-button.tsx';
import { Empty, Failure, Loading } from '../ui/notice.tsx';
import { useTitle } from '../ui/page.tsx';
import { Details } from './details.tsx';
import { Header } from './header.tsx';
import { type Neighbours, useNeighbours } from './neighbours.ts';
import { Player } from './player/player.ts';
import { PlayerBar } from './player/player-bar.tsx';
import { type Conversation, indexAt, lengthOf, messagesOf } from './player/timeline.ts';
import { useRecordings } from './player/use-recordings.ts';
import { useCompact } from './transcript/compact.ts';
import { Transcript } from './transcript/transcript.tsx';

const ROUTE = '/inside/b/$businessId/conversations/$sessionId';
const REFRESH_MILLISECONDS = 3_000;
const LINE_MILLISECONDS = 5;
const SLOWEST_MILLISECONDS = 30_000;
/** For so long after its end recordings and late messages come in. */
const LATE_MILLISECONDS = 15 * 60_000;
const LATE_REFRESH_MILLISECONDS = 10_000;
const STEP = 5_000;

export function ConversationPage() {
  const { sessionId } = useParams({ from: ROUTE });
  const businessId = useBusinessId();
  const [refetchInterval, setRefetchInterval] = useState<number | false>(REFRESH_MILLISECONDS);
  const { data, error, refetch } = useOp(
    'GetConversation',
    { businessId, sessionId },
    { refetchInterval },
  );
  const navigate = useNavigate();
  const neighbours = useNeighbours(businessId, sessionId);
  const go = (id: string | null) => {
    if (id === null) return;
    // The way back leads to the list.
    void navigate({
      to: '/b/$businessId/conversations/$sessionId',
      params: { businessId, sessionId: id },
      replace: true,
    });
  };
  useShortcuts({
    j: () => go(neighbours?.next ?? null),
    k: () => go(neighbours?.previous ?? null),
  });
  const isAbsent = hasReason(error, 'NOT_FOUND', 'GONE');
  const isOver = isAbsent || isRefused(error);
  useEffect(
    () => setRefetchInterval(!isOver && (data ? refreshOf(data) : REFRESH_MILLISECONDS)),
    [data, isOver],
  );
  // Also where it was erased while it was looked at.
  if (isAbsent) return <Absent isGone={hasReason(error, 'GONE')} />;
  // What somebody may not see any more does not stay.
  if (!data || isRefused(error)) {
    if (error) {
      return (
        <div className="p-6">
          <h1 className="text-xl font-semibold">Conversation</h1>
          <Failure error={error} onRetry={() => void refetch()} />
        </div>
      );
    }
    return <Loading />;
  }
  return (
    <Shown
      key={data.Id}
      conversation={data}
      error={error}
      neighbours={neighbours}
      onGo={go}
      readAnew={async () => {
        const answer = await refetch();
        return answer.isSuccess ? answer.data : null;
      }}
    />
  );
}

/** How soon it is read anew: soon while it goes on, seldom while what is late may still come. */
function refreshOf({ Status, EndTime, Messages, Logs }: Conversation): number | false {
  if (isLive(Status)) {
    // It is read whole each time, so the longer it is the slower.
    const more = (Messages.length + Logs.length) * LINE_MILLISECONDS;
    return Math.min(REFRESH_MILLISECONDS + more, SLOWEST_MILLISECONDS);
  }
  const isFresh = EndTime !== null && Date.now() - Date.parse(EndTime) < LATE_MILLISECONDS;
  return isFresh && LATE_REFRESH_MILLISECONDS;
}

function Absent({ isGone }: { readonly isGone: boolean }) {
  const businessId = useBusinessId();
  useTitle('Conversation');
  return (
    <div className="p-6">
      <h1 className="sr-only">Conversation</h1>
      <Empty
        icon={FileX}
        title={isGone ? 'This conversation is no longer available' : 'Conversation not found'}
      >
        <p className="mb-3">
          {isGone
            ? 'It was erased or anonymised, or deleted by a retention rule.'
            : 'Its id may be mistyped, or it belongs to another business.'}
        </p>
        <Link to="/b/$businessId/conversations" params={{ businessId }} className={buttonClass()}>
          All conversations
        </Link>
      </Empty>
    </div>
  );
}

interface ShownProps {
  readonly conversation: Conversation;
  /** Why it could not be read anew. */
  readonly error: unknown;
  readonly readAnew: () => Promise<Conversation | null>;
  readonly neighbours: Neighbours | null;
  readonly onGo: (sessionId: string | null) => void;
}

function Shown({ conversation, error, readAnew, neighbours, onGo }: ShownProps) {
  const search = useSearch({ from: ROUTE });
  const { StartTime, Messages } = conversation;
  // The rest of a conversation changes with each answer, if only by the addresses of its recordings.
  const messages = useMemo(() => messagesOf({ StartTime, Messages }), [StartTime, Messages]);
  const { recordings, renew } = useRecordings(conversation, readAnew);
  const isRecorded = recordings.length > 0;
  const length = Math.max(
    lengthOf(conversation, messages),
    ...recordings.map(({ duration }) => duration ?? 0),
  );
  const [player] = useState(() => new Player());
  const [told, setTold] = useState('');
  const isCompact = useCompact();
  const [isFinding, setFinding] = useState(false);
  const parts = Object.keys(conversation.Purged ?? {});
  const title = clientText(conversation) || conversation.Id;
  useTitle(title);
  useEffect(() => player.setLength(length), [player, length]);

  const pointed = search.message === undefined ? null : Number(search.message);
  const pointedAt =
    search.t === undefined ? (messages[(pointed ?? 0) - 1]?.at ?? null) : Number(search.t) * 1000;
  const shownFirst = pointed ?? (pointedAt === null ? null : indexAt(messages, pointedAt) + 1);
  // biome-ignore lint/correctness/useExhaustiveDependencies: once for each address
  useEffect(() => {
    if (pointedAt !== null) player.seek(pointedAt);
  }, [search.t, search.message]);

  const copy = useCallback((moment: string) => {
    const url = new URL(location.href);
    url.search = moment;
    void copyText(url.href).then((works) =>
      setTold(works ? 'Link copied.' : 'Could not copy the link.'),
    );
  }, []);
  const copyMessage = useCallback((number: number) => copy(`?message=${number}`), [copy]);
  const copyMoment = () => copy(`?t=${(player.state.time / 1000).toFixed(1)}`);
  const play = useCallback(
    (time: number) => {
      player.seek(time);
      player.play();
    },
    [player],
  );
  useEffect(() => {
    if (told === '') return;
    const timer = setTimeout(() => setTold(''), 3_000);
    return () => clearTimeout(timer);
  }, [told]);
  useShortcuts({
    m: copyMoment,
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
          onCopyMoment={copyMoment}
          onFailure={() => setTold('Could not save the recording.')}
        />
        {error != null && <Failure error={error} onRetry={() => void readAnew()} />}
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
          <p
            className={`border-b border-line px-4 text-ink-faint ${isCompact ? 'py-1 text-xs' : 'py-2'}`}
          >
            {isLive(conversation.Status)
              ? 'The recording will be available after the call.'
              : parts.includes('Recordings')
                ? 'The recordings were deleted by a retention rule.'
                : 'No recording.'}
          </p>
        )}
        <Transcript
          conversation={conversation}
          messages={messages}
          player={player}
          pointed={pointed}
          shownFirst={shownFirst === 0 ? null : shownFirst}
          isLive={isLive(conversation.Status)}
          hasTools={!isCompact || isFinding}
          onFinding={setFinding}
          onPlay={isRecorded ? play : null}
          onCopy={copyMessage}
        />
      </div>
      <div className="border-t border-line bg-surface xl:w-84 xl:shrink-0 xl:overflow-y-auto xl:border-s xl:border-t-0">
        <Details conversation={conversation} />
      </div>
      <p
        role="status"
        className={
          told === ''
            ? 'sr-only'
            : 'fixed inset-x-0 bottom-4 z-30 mx-auto w-fit rounded-lg bg-ink px-4 py-2 text-canvas shadow-lg'
        }
      >
        {told}
      </p>
    </div>
  );
}

const playerKeys = (player: Player): Shortcuts => ({
  space: () => player.toggle(),
  left: () => player.seek(player.state.time - STEP),
  right: () => player.seek(player.state.time + STEP),
  '>': () => player.stepRate(1),
  '<': () => player.stepRate(-1),
  s: () => player.setSkipsSilence(!player.state.skipsSilence),
});
