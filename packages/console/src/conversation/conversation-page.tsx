import { Link, useNavigate, useParams } from '@tanstack/react-router';
import { FileX } from 'lucide-react';
import { useEffect, useState } from 'react';
import { hasReason, isForbidden } from '../api/failure.ts';
import { useIsLive } from '../api/live.ts';
import { useOp } from '../api/use-op.ts';
import { useBusinessId } from '../app-shell/business.ts';
import { conversationLink } from '../app-shell/links.ts';
import { useShortcuts } from '../app-shell/shortcuts.ts';
import { isLive } from '../conversations/facts.ts';
import { buttonClass } from '../ui/button.tsx';
import { Empty, Failure, Loading } from '../ui/notice.tsx';
import { useTitle } from '../ui/page.tsx';
import { ConversationView } from './conversation-view.tsx';
import { useNeighbours } from './neighbours.ts';
import type { Conversation } from './player/timeline.ts';

const REFRESH_MILLISECONDS = 3_000;
const REFRESH_MILLISECONDS_PER_ENTRY = 5;
const MAX_REFRESH_MILLISECONDS = 30_000;
/** Recordings and late messages may arrive this long after the end. */
const LATE_MILLISECONDS = 15 * 60_000;
const LATE_REFRESH_MILLISECONDS = 10_000;

export function ConversationPage() {
  const { sessionId } = useParams({ from: '/inside/b/$businessId/conversations/$sessionId' });
  const businessId = useBusinessId();
  const isFollowing = useIsLive();
  const [refetchInterval, setRefetchInterval] = useState<number | false>(REFRESH_MILLISECONDS);
  const { data, error, refetch } = useOp(
    'GetConversation',
    { businessId, sessionId },
    { refetchInterval: !isFollowing && refetchInterval },
  );
  const navigate = useNavigate();
  const neighbours = useNeighbours(businessId, sessionId);
  const go = (id: string | null) => {
    if (id === null) return;
    // Replaces the history entry: the Back button leads to the list.
    void navigate({ ...conversationLink(businessId, id), replace: true });
  };
  useShortcuts({
    j: () => go(neighbours?.next ?? null),
    k: () => go(neighbours?.previous ?? null),
  });
  const isAbsent = hasReason(error, 'NOT_FOUND', 'GONE');
  const isOver = isAbsent || isForbidden(error);
  useEffect(
    () => setRefetchInterval(!isOver && (data ? refreshInterval(data) : REFRESH_MILLISECONDS)),
    [data, isOver],
  );
  // Hides loaded data too if the conversation was erased, or access was revoked, in the meantime.
  if (isAbsent) return <ConversationNotFound isGone={hasReason(error, 'GONE')} />;
  if (!data || isForbidden(error)) {
    if (!error) return <Loading />;
    return (
      <div className="p-6">
        <h1 className="text-xl font-semibold">Conversation</h1>
        <Failure error={error} onRetry={() => void refetch()} />
      </div>
    );
  }
  return (
    <ConversationView
      key={data.Id}
      conversation={data}
      error={error}
      neighbours={neighbours}
      onGo={go}
      onRefresh={async () => {
        const answer = await refetch();
        return answer.isSuccess ? answer.data : null;
      }}
    />
  );
}

function refreshInterval({ Status, EndTime, Messages, Logs }: Conversation): number | false {
  if (isLive(Status)) {
    // Each refresh reads the whole conversation, so long ones are read less often.
    const more = (Messages.length + Logs.length) * REFRESH_MILLISECONDS_PER_ENTRY;
    return Math.min(REFRESH_MILLISECONDS + more, MAX_REFRESH_MILLISECONDS);
  }
  const isFresh = EndTime !== null && Date.now() - Date.parse(EndTime) < LATE_MILLISECONDS;
  return isFresh && LATE_REFRESH_MILLISECONDS;
}

function ConversationNotFound({ isGone }: { readonly isGone: boolean }) {
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
