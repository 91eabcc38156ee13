import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { ArrowLeft, Ellipsis, FileX, Link2, Trash2 } from 'lucide-react';
import { useCallback, useEffect, useMemo, useState } from 'react';
import { hasReason, isRefused } from '../api/failure.ts';
import { useChange, useOp } from '../api/use-op.ts';
import { InitiationIcon, Outcome, StatusBadge } from '../conversations/badges.tsx';
import { agentText, clientText, isLive } from '../conversations/facts.ts';
import { useBusinessId, useMay } from '../frame/business.ts';
import { type Shortcuts, useShortcuts } from '../frame/shortcuts.ts';
import { Button, buttonClass, IconButton } from '../ui/button.tsx';
import { Confirm } from '../ui/confirm.tsx';
import { copyText } from '../ui/copy-button.tsx';
import { Menu, MenuItem } from '../ui/menu.tsx';
import { Empty, Failure, Loading } from '../ui/notice.tsx';
import { useTitle } from '../ui/page.tsx';
import { durationText, Time } from '../ui/time.tsx';
import { Details } from './details.tsx';
import { Downloads } from './downloads.tsx';
import { Player } from './player.ts';
import { PlayerBar } from './player-bar.tsx';
import { type Conversation, indexAt, lengthOf, messagesOf } from './timeline.ts';
import { Transcript } from './transcript.tsx';
import { useRecordings } from './use-recordings.ts';

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
      <Empty icon={FileX} title={isGone ? 'This conversation was erased' : 'No such conversation'}>
        <p className="mb-3">
          {isGone
            ? 'It was erased for good, or its retention ran out.'
            : 'Its id may be mistyped, or it belongs to another business.'}
        </p>
        <Link to="/b/$businessId/conversations" params={{ businessId }} className={buttonClass()}>
          To all conversations
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
}

function Shown({ conversation, error, readAnew }: ShownProps) {
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
      setTold(works ? 'The link is copied.' : 'The link could not be copied.'),
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
  useShortcuts({ m: copyMoment, ...(isRecorded && playerKeys(player)) });
  return (
    <div className="flex min-h-full flex-col xl:h-full xl:flex-row">
      <div className="flex h-[calc(100dvh-3.25rem)] min-h-144 min-w-0 flex-col lg:h-dvh xl:h-full xl:flex-1">
        <Header conversation={conversation} title={title}>
          <Button onClick={copyMoment}>
            <Link2 aria-hidden size={14} /> Copy link
          </Button>
          <Downloads
            conversation={conversation}
            recordings={recordings}
            onFailure={() => setTold('The recording could not be saved.')}
          />
          <MoreMenu sessionId={conversation.Id} />
        </Header>
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
          <p className="border-b border-line px-4 py-2 text-ink-faint">
            {isLive(conversation.Status)
              ? 'The recording comes when the call is over.'
              : parts.includes('Recordings')
                ? 'The recordings were let go of by the rules of retention.'
                : 'There is no recording.'}
          </p>
        )}
        {conversation.Messages.length === 0 && conversation.Logs.length === 0 ? (
          <p className="px-4 py-8 text-center text-ink-faint">
            {parts.includes('Transcript')
              ? 'The transcript was let go of by the rules of retention.'
              : 'Nothing was said.'}
          </p>
        ) : (
          <Transcript
            conversation={conversation}
            messages={messages}
            player={player}
            pointed={pointed}
            shownFirst={shownFirst === 0 ? null : shownFirst}
            isLive={isLive(conversation.Status)}
            onPlay={isRecorded ? play : null}
            onCopy={copyMessage}
          />
        )}
      </div>
      <div className="border-t border-line bg-surface xl:w-80 xl:shrink-0 xl:overflow-y-auto xl:border-s xl:border-t-0">
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

function Header({
  conversation,
  title,
  children,
}: {
  readonly conversation: Conversation;
  readonly title: string;
  readonly children: React.ReactNode;
}) {
  const businessId = useBusinessId();
  const { StartTime, EndTime } = conversation;
  return (
    <header className="flex flex-wrap items-center gap-x-3 gap-y-2 border-b border-line bg-surface px-4 py-3">
      <Link
        to="/b/$businessId/conversations"
        params={{ businessId }}
        aria-label="All conversations"
        title="All conversations"
        className={buttonClass('quiet', true)}
      >
        <ArrowLeft aria-hidden size={16} className="rtl:-scale-x-100" />
      </Link>
      <div className="min-w-0 flex-1 basis-52">
        <h1 className="flex items-center gap-2 text-lg font-semibold tracking-tight">
          <InitiationIcon type={conversation.InitiationType} />
          <span className="truncate" dir="auto">
            {title}
          </span>
        </h1>
        <p className="flex flex-wrap items-center gap-x-2 gap-y-1 text-ink-soft">
          <Time at={StartTime} style="absolute" />
          {EndTime !== null && (
            <span className="tabular">
              {durationText(Date.parse(EndTime) - Date.parse(StartTime))}
            </span>
          )}
          {agentText(conversation) !== '' && (
            <span dir="auto" className="max-w-full truncate">
              with {agentText(conversation)}
            </span>
          )}
          {conversation.EndType === null ? (
            <StatusBadge status={conversation.Status} />
          ) : (
            <Outcome endType={conversation.EndType} />
          )}
        </p>
      </div>
      {children}
    </header>
  );
}

function MoreMenu({ sessionId }: { readonly sessionId: string }) {
  const businessId = useBusinessId();
  const navigate = useNavigate();
  const may = useMay();
  const [asks, setAsks] = useState(false);
  const erase = useChange('DeleteConversation', ['GetConversations']);
  if (!may('Conversations.ConversationPermissions', 'Deleting')) return null;
  return (
    <>
      <Menu
        align="end"
        trigger={
          <IconButton label="More" look="plain">
            <Ellipsis aria-hidden size={16} />
          </IconButton>
        }
      >
        <MenuItem isDangerous onSelect={() => setAsks(true)}>
          <Trash2 aria-hidden size={16} /> Erase…
        </MenuItem>
      </Menu>
      <Confirm
        title="Erase this conversation?"
        action="Erase for good"
        isOpen={asks}
        isBusy={erase.isPending}
        error={erase.error}
        onClose={() => setAsks(false)}
        onConfirm={() =>
          erase.mutate(
            { businessId, sessionId },
            {
              onSuccess: () =>
                void navigate({ to: '/b/$businessId/conversations', params: { businessId } }),
            },
          )
        }
      >
        Transcript, logs, participants and recordings go at once and for good. Its id can't be used
        again.
      </Confirm>
    </>
  );
}
