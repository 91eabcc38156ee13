import { Link, useParams } from '@tanstack/react-router';
import { ArrowLeft, FileX } from 'lucide-react';
import { hasReason } from '../api/failure.ts';
import { useOp } from '../api/use-op.ts';
import { useBusinessId } from '../frame/business.ts';
import { buttonClass } from '../ui/button.tsx';
import { CopyButton } from '../ui/copy-button.tsx';
import { Fact } from '../ui/fact.tsx';
import { Empty, Failure, Loading } from '../ui/notice.tsx';
import { Card, Page } from '../ui/page.tsx';
import { Time, useNow } from '../ui/time.tsx';
import { CallActions } from './call-actions.tsx';
import { ConversationLink } from './call-list.tsx';
import { CallStatus } from './call-status.tsx';
import { History } from './history.tsx';
import { whyText } from './telling.ts';

const REFRESH_MILLISECONDS = 3_000;

/** One call: what it is, what was decided about it, and what can be changed. */
export function OutboundCallPage() {
  const { queueId } = useParams({ from: '/inside/b/$businessId/outbound/$queueId' });
  const businessId = useBusinessId();
  const now = useNow();
  const { data, error, refetch } = useOp(
    'GetOutboundQueue',
    { businessId, queueId },
    { refetchInterval: REFRESH_MILLISECONDS },
  );
  const back = (
    <Link to="/b/$businessId/outbound" params={{ businessId }} className={buttonClass('quiet')}>
      <ArrowLeft aria-hidden size={15} className="rtl:-scale-x-100" /> All calls
    </Link>
  );
  if (!data) {
    return (
      <Page title="Call" actions={back}>
        {hasReason(error, 'NOT_FOUND', 'GONE') ? (
          <Empty icon={FileX} title="No such call">
            Its id may be mistyped, or it was erased.
          </Empty>
        ) : error ? (
          <Failure error={error} onRetry={() => void refetch()} />
        ) : (
          <Loading />
        )}
      </Page>
    );
  }
  const why = whyText(data, now);
  return (
    <Page
      title={data.RecipientNumber}
      lead={
        <span className="flex flex-wrap items-center gap-2">
          <CallStatus status={data.Status} />
          {why}
        </span>
      }
      actions={
        <>
          {back}
          <CallActions call={data} />
        </>
      }
    >
      <div className="grid gap-4 lg:grid-cols-2">
        <Card title="Call">
          <dl className="flex flex-col gap-1.5">
            <Fact name="Id">
              <span className="font-mono text-xs break-all">{data.QueueId}</span>
              <div className="-ms-3">
                <CopyButton look="quiet" text={data.QueueId} label="Copy id" />
              </div>
            </Fact>
            {data.SessionId !== null && (
              <Fact name="Conversation">
                <ConversationLink sessionId={data.SessionId} />{' '}
                <span className="text-ink-faint">{data.SessionEndType ?? data.SessionStatus}</span>
              </Fact>
            )}
            {data.CampaignId !== null && (
              <Fact name="Campaign">
                <Link
                  to="/b/$businessId/campaigns/$campaignId"
                  params={{ businessId, campaignId: data.CampaignId }}
                  className="text-accent underline underline-offset-2"
                >
                  {data.CampaignId}
                </Link>
              </Fact>
            )}
            <Fact name="From number">{data.NumberId}</Fact>
            <Instant name="Enqueued" at={data.EnqueuedAt} />
            <Instant name="Scheduled for" at={data.ScheduledFor} />
            <Instant name="Next attempt" at={data.NextAttemptAt} />
            <Instant name="Expires" at={data.ExpiresAt} />
            <Instant name="Started" at={data.ProcessingStartedAt} />
            <Instant name="Ended" at={data.CompletedAt} />
            <Fact name="Attempts">{data.Attempts}</Fact>
            <Fact name="Priority">{data.Priority}</Fact>
          </dl>
        </Card>
        <Card title="History">
          <History queueId={queueId} />
        </Card>
        <Keys title="Variables" values={data.DynamicVariables} />
        <Keys title="Metadata" values={data.Metadata} />
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

function Keys({
  title,
  values,
}: {
  readonly title: string;
  readonly values: Readonly<Record<string, unknown>>;
}) {
  const entries = Object.entries(values);
  if (entries.length === 0) return null;
  return (
    <Card title={title}>
      <dl className="flex flex-col gap-1.5">
        {entries.map(([name, value]) => (
          <Fact key={name} name={name}>
            {typeof value === 'string' ? value : JSON.stringify(value)}
          </Fact>
        ))}
      </dl>
    </Card>
  );
}
