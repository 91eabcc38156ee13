import { useNavigate, useSearch } from '@tanstack/react-router';
import { Send } from 'lucide-react';
import { useMemo, useState } from 'react';
import { useOp } from '../api/use-op.ts';
import { useBusiness, useBusinessId } from '../frame/business.ts';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Failure } from '../ui/notice.tsx';
import { Page } from '../ui/page.tsx';
import { useNow } from '../ui/time.tsx';
import { ConversationCharts } from './conversation-charts.tsx';
import { Figures } from './figures.tsx';
import { GettingStarted } from './getting-started.tsx';
import { QueueHealth } from './queue-health.tsx';
import { FIRST_RANGE, RANGES, type Range } from './search.ts';

const MINUTE = 60_000;
const DAY = 86_400_000;

/** What happened, in figures; each leads to the list that it counts. */
export function OverviewPage() {
  const businessId = useBusinessId();
  const { data } = useOp('GetConversations', { businessId, Limit: 1 }, { refetchInterval: 10_000 });
  const [isSending, setSending] = useState(false);
  if (data?.TotalCount === 0) {
    return (
      <Page title="Getting started" lead="Send your first conversation; it takes a minute.">
        <GettingStarted />
      </Page>
    );
  }
  return (
    <>
      <Shown onSend={() => setSending(true)} />
      <Dialog
        title="Send a conversation"
        isOpen={isSending}
        isWide
        onClose={() => setSending(false)}
      >
        <GettingStarted />
      </Dialog>
    </>
  );
}

function Shown({ onSend }: { readonly onSend: () => void }) {
  const businessId = useBusinessId();
  const { range = FIRST_RANGE } = useSearch({ from: '/inside/b/$businessId/overview' });
  const navigate = useNavigate({ from: '/b/$businessId/overview' });
  const { days, bucket } = RANGES[range];
  const minute = Math.floor(useNow() / MINUTE) * MINUTE;
  const from = new Date(minute - days * DAY).toISOString();
  const to = new Date(minute).toISOString();
  const { data, error, refetch } = useOp(
    'GetConversationAnalytics',
    { businessId, From: from, To: to, Bucket: bucket },
    { keepPrevious: true, refetchInterval: MINUTE },
  );
  const textOf = useBucketText(bucket);
  const buckets = data?.Buckets;
  const labels = useMemo(() => (buckets ?? []).map(({ From }) => textOf(From)), [buckets, textOf]);
  return (
    <Page
      title="Overview"
      lead={data && `By the clock of ${data.TimeZone}`}
      actions={
        <>
          <label className="flex items-center gap-1.5 text-ink-soft">
            <span className="sr-only">Range</span>
            <select
              value={range}
              onChange={({ target }) => void navigate({ search: { range: target.value as Range } })}
              className="h-8 rounded-md border border-line-strong bg-surface px-2 text-ink"
            >
              {Object.entries(RANGES).map(([value, { label }]) => (
                <option key={value} value={value}>
                  {label}
                </option>
              ))}
            </select>
          </label>
          <Button onClick={onSend}>
            <Send aria-hidden size={14} /> Send a conversation
          </Button>
        </>
      }
    >
      {error && <Failure error={error} onRetry={() => void refetch()} />}
      {data && <Figures series={data} />}
      {data && <ConversationCharts series={data} labels={labels} />}
      <QueueHealth from={from} to={to} bucket={bucket} textOf={textOf} />
    </Page>
  );
}

const FORMATS = {
  Hour: { hour: 'numeric' },
  Day: { month: 'short', day: 'numeric' },
  Week: { month: 'short', day: 'numeric' },
  Month: { month: 'short', year: '2-digit' },
} as const satisfies Record<string, Intl.DateTimeFormatOptions>;

/** What a bucket is called: by the clock of the business, in which it begins. */
function useBucketText(bucket: keyof typeof FORMATS): (instant: string) => string {
  const { TimeZone } = useBusiness();
  return useMemo(() => {
    const format = new Intl.DateTimeFormat(undefined, {
      ...FORMATS[bucket],
      timeZone: TimeZone ?? 'UTC',
    });
    return (instant: string) => format.format(Date.parse(instant));
  }, [bucket, TimeZone]);
}
