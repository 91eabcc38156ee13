import { Link, useParams } from '@tanstack/react-router';
import { ArrowLeft, CalendarClock, FileX, PhoneOff } from 'lucide-react';
import { type FormEvent, type ReactNode, useState } from 'react';
import { hasReason } from '../api/failure.ts';
import { useChange, useOp } from '../api/use-op.ts';
import { useBusinessId, useMay } from '../frame/business.ts';
import { Button, buttonClass } from '../ui/button.tsx';
import { Confirm } from '../ui/confirm.tsx';
import { CopyButton } from '../ui/copy-button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Field } from '../ui/field.tsx';
import { Empty, Failure, Loading } from '../ui/notice.tsx';
import { Card, Page } from '../ui/page.tsx';
import { Time, useNow } from '../ui/time.tsx';
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
          <CallActions queueId={queueId} status={data.Status} scheduledFor={data.ScheduledFor} />
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

function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <div className="flex gap-3">
      <dt className="w-28 shrink-0 break-words text-ink-faint" dir="auto">
        {name}
      </dt>
      <dd className="min-w-0 flex-1 break-words" dir="auto">
        {children}
      </dd>
    </div>
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

function CallActions({
  queueId,
  status,
  scheduledFor,
}: {
  readonly queueId: string;
  readonly status: string;
  readonly scheduledFor: string | null;
}) {
  const businessId = useBusinessId();
  const may = useMay();
  const [asks, setAsks] = useState<'cancel' | 'reschedule' | null>(null);
  const cancel = useChange('CancelOutboundQueue', ['GetOutboundQueue', 'GetOutboundQueueHistory']);
  if (!may('MakeCall', 'Executing') || (status !== 'Queued' && status !== 'Processing'))
    return null;
  const close = () => setAsks(null);
  return (
    <>
      {status === 'Queued' && (
        <Button onClick={() => setAsks('reschedule')}>
          <CalendarClock aria-hidden size={15} /> Reschedule
        </Button>
      )}
      <Button look="danger" onClick={() => setAsks('cancel')}>
        <PhoneOff aria-hidden size={15} /> Cancel call
      </Button>
      <Confirm
        title="Take this call out of the queue?"
        action="Cancel call"
        isOpen={asks === 'cancel'}
        isBusy={cancel.isPending}
        error={cancel.error}
        onClose={close}
        onConfirm={() => cancel.mutate({ businessId, queueId }, { onSuccess: close })}
      >
        It is not made, and stays in the list as canceled.
      </Confirm>
      {asks === 'reschedule' && (
        <Reschedule queueId={queueId} scheduledFor={scheduledFor} onClose={close} />
      )}
    </>
  );
}

function Reschedule({
  queueId,
  scheduledFor,
  onClose,
}: {
  readonly queueId: string;
  readonly scheduledFor: string | null;
  readonly onClose: () => void;
}) {
  const businessId = useBusinessId();
  const change = useChange('RescheduleOutboundQueue', [
    'GetOutboundQueue',
    'GetOutboundQueueHistory',
  ]);
  const [given, setGiven] = useState(scheduledFor === null ? '' : local(scheduledFor));
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    const at = given === '' ? null : new Date(given).toISOString();
    change.mutate({ businessId, queueId, Schedule: { DateTimeUTC: at } }, { onSuccess: onClose });
  };
  return (
    <Dialog
      title="Reschedule the call"
      description={`By your clock (${Intl.DateTimeFormat().resolvedOptions().timeZone}). Left empty, it is due now.`}
      isOpen
      onClose={onClose}
    >
      <form onSubmit={onSubmit} className="flex flex-col gap-3">
        <Field
          label="Not before"
          type="datetime-local"
          value={given}
          onChange={({ target }) => setGiven(target.value)}
        />
        {change.error && <Failure error={change.error} />}
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" look="primary" isBusy={change.isPending}>
            Reschedule
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

/** As the browser's field has it: local, to the minute. */
function local(instant: string): string {
  const date = new Date(instant);
  return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}
