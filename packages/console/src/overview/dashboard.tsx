import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { Send } from 'lucide-react';
import { useOp } from '../api/use-op.ts';
import { visibleData } from '../api/visible-data.ts';
import { DisabledWebhooks } from '../app-shell/alerts/disabled-webhooks.tsx';
import { useBusiness, useMay } from '../app-shell/business.ts';
import { sectionLink } from '../app-shell/links.ts';
import { Button } from '../ui/button.tsx';
import { InlineSelect } from '../ui/forms/field.tsx';
import { Failure } from '../ui/notice.tsx';
import { Page } from '../ui/page.tsx';
import { useNow } from '../ui/text/time.tsx';
import { formatDay, useBucketTexts } from './bucket-text.ts';
import { toPreviousRange, toRangeInput } from './calendar.ts';
import { ConversationCharts } from './conversation-charts.tsx';
import { endOf, Figures } from './figures.tsx';
import { QueueHealth } from './queue-health.tsx';
import { DEFAULT_RANGE, RANGES, type Range } from './search.ts';

const MINUTE = 60_000;

export function Dashboard({ onSend }: { readonly onSend: () => void }) {
  const { BusinessId: businessId, TimeZone } = useBusiness();
  const { range = DEFAULT_RANGE } = useSearch({ from: '/inside/b/$businessId/overview' });
  const zone = TimeZone ?? 'UTC';
  const now = useNow();
  const input = toRangeInput(range, now, zone);
  const read = useOp(
    'GetConversationAnalytics',
    { businessId, ...input },
    { keepPrevious: true, refetchInterval: MINUTE },
  );
  const { error, refetch, isPlaceholderData } = read;
  const data = visibleData(read);
  const isOfRange = data !== undefined && !isPlaceholderData;
  const past = useOp(
    'GetConversationAnalytics',
    { businessId, ...toPreviousRange(range, data?.From ?? input.From, zone) },
    { enabled: isOfRange },
  );
  const maySend = useMay()('Conversations.ConversationPermissions', 'Adding');
  const labels = useBucketTexts(data);
  const lead = data ? (
    <>
      {formatDay(data.From, data.TimeZone)} –{' '}
      {formatDay(endOf(data) ?? new Date(now).toISOString(), data.TimeZone)} · {data.TimeZone}{' '}
      {TimeZone === null && <SetTimeZone />}· compared with the previous {RANGES[range].before}
    </>
  ) : (
    '\u00a0'
  );
  return (
    <Page
      title="Overview"
      lead={lead}
      actions={
        <div className="flex flex-wrap items-center gap-2">
          <RangeSelect range={range} />
          {maySend && <Button icon={Send} text="Send a conversation" onClick={onSend} />}
        </div>
      }
    >
      <DisabledWebhooks />
      {error && <Failure error={error} onRetry={() => void refetch()} />}
      <Figures series={data} before={isOfRange ? past.data : undefined} />
      <ConversationCharts series={data} labels={labels} />
      <QueueHealth input={input} />
    </Page>
  );
}

function RangeSelect({ range }: { readonly range: Range }) {
  const navigate = useNavigate({ from: '/b/$businessId/overview' });
  return (
    <InlineSelect
      label="Range"
      isLabelHidden
      value={range}
      of={Object.entries(RANGES).map(([value, { label }]) => [value, label])}
      onText={(text) => void navigate({ search: (now) => ({ ...now, range: text as Range }) })}
    />
  );
}

function SetTimeZone() {
  const { BusinessId: businessId } = useBusiness();
  if (!useMay()('Settings', 'Editing')) return null;
  return (
    <>
      (
      <Link
        {...sectionLink(businessId, 'business')}
        className="text-accent underline underline-offset-2"
      >
        Set the time zone
      </Link>
      ){' '}
    </>
  );
}
