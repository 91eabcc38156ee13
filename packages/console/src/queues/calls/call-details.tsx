import type { UseQueryResult } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { ArrowLeft, FileX } from 'lucide-react';
import type { ReactNode } from 'react';
import { hasReason } from '../../api/failure.ts';
import { visibleData } from '../../api/visible-data.ts';
import { useBusinessId } from '../../app-shell/business.ts';
import { outcomeText, statusText } from '../../conversations/facts.ts';
import { buttonClass } from '../../ui/button.tsx';
import { CopyButton } from '../../ui/copy-button.tsx';
import { Fact } from '../../ui/fact.tsx';
import { Empty, Failure, Loading } from '../../ui/notice.tsx';
import { Card, Page } from '../../ui/page.tsx';
import { Time, useNow } from '../../ui/text/time.tsx';
import { ConversationLink, type ListedCall } from './call-list.tsx';
import { CallStatus } from './call-status.tsx';
import { History } from './history.tsx';
import { describeStatus } from './reason-text.ts';

interface Call extends Omit<ListedCall, 'number' | 'group'> {
  readonly NumberId: string | null;
  readonly SessionStatus: string | null;
  readonly SessionEndType: string | null;
  readonly ExpiresAt: string | null;
  readonly ProcessingStartedAt: string | null;
  readonly Priority: number;
}

interface Props {
  readonly direction: 'outbound' | 'inbound';
  readonly read: Pick<UseQueryResult<Call>, 'data' | 'error' | 'refetch'>;
  readonly number: string;
  readonly actions?: ReactNode;
  readonly group: ReactNode;
  readonly children?: ReactNode;
}

export function CallDetails(props: Props) {
  const { direction, read, number, actions, group, children } = props;
  const { error } = read;
  const call = visibleData(read);
  const businessId = useBusinessId();
  const now = useNow();
  const isGone = hasReason(error, 'NOT_FOUND', 'GONE');
  const failure = error && !isGone && <Failure error={error} onRetry={() => void read.refetch()} />;
  const back = (
    <Link
      to={`/b/$businessId/${direction}`}
      params={{ businessId }}
      className={buttonClass('quiet')}
    >
      <ArrowLeft aria-hidden size={15} className="rtl:-scale-x-100" /> All calls
    </Link>
  );
  if (!call) {
    return (
      <Page title="Call" actions={back}>
        {failure}
        {isGone && (
          <Empty icon={FileX} title="No such call">
            Its id may be mistyped, or it was erased.
          </Empty>
        )}
        {!error && <Loading />}
      </Page>
    );
  }
  return (
    <Page
      title={number}
      lead={
        <span className="flex flex-wrap items-center gap-2">
          <CallStatus status={call.Status} />
          {describeStatus(call, now)}
        </span>
      }
      actions={
        <>
          {back}
          {actions}
        </>
      }
    >
      {failure}
      <div className="grid grid-cols-1 gap-4 lg:grid-cols-2">
        <Card title="Call">
          <dl className="flex flex-col gap-1.5">
            <Fact name="Id">
              <span className="font-mono text-xs break-all">{call.QueueId}</span>
              <div className="-ms-3">
                <CopyButton look="quiet" text={call.QueueId} label="Copy id" />
              </div>
            </Fact>
            {call.SessionId !== null && (
              <Fact name="Conversation">
                <ConversationLink sessionId={call.SessionId} />{' '}
                <span className="text-ink-faint">
                  {call.SessionEndType !== null
                    ? outcomeText(call.SessionEndType)
                    : statusText(call.SessionStatus ?? '')}
                </span>
              </Fact>
            )}
            {group}
            {call.NumberId !== null && (
              <Fact name={direction === 'outbound' ? 'From number' : 'To number'}>
                {call.NumberId}
              </Fact>
            )}
            <Instant name="Enqueued" at={call.EnqueuedAt} />
            <Instant name="Scheduled for" at={call.ScheduledFor} />
            <Instant name="Next attempt" at={call.NextAttemptAt} />
            <Instant name="Expires" at={call.ExpiresAt} />
            <Instant name="Started" at={call.ProcessingStartedAt} />
            <Instant name="Ended" at={call.CompletedAt} />
            <Fact name="Attempts">{call.Attempts}</Fact>
            <Fact name="Priority">{call.Priority}</Fact>
          </dl>
        </Card>
        <Card title="History">
          <History direction={direction} queueId={call.QueueId} />
        </Card>
        {children}
      </div>
    </Page>
  );
}

const Instant = ({ name, at }: { readonly name: string; readonly at: string | null }) =>
  at === null ? null : (
    <Fact name={name}>
      <Time at={at} style="absolute" />
    </Fact>
  );
