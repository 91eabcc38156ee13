import type { OutputOf } from '@colloquy/sdk';
import { Link } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { useOp } from '../../api/use-op.ts';
import { visibleData } from '../../api/visible-data.ts';
import { useBusinessId } from '../../app-shell/business.ts';
import { callLink } from '../../app-shell/links.ts';
import { Chart } from '../../ui/charts/chart.tsx';
import { InlineSelect } from '../../ui/forms/field.tsx';
import { Failure } from '../../ui/notice.tsx';
import { formatCount, pluralize } from '../../ui/text/count.ts';
import { LOCALE } from '../../ui/text/locale.ts';
import { Time } from '../../ui/text/time.tsx';
import { OccupyingCalls } from '../calls/occupying-calls.tsx';
import { describeReason } from '../calls/reason-text.ts';

const CALL_MINUTES = [1, 2, 5, 10, 30] as const;
const SPANS: Readonly<Record<number, string>> = { 24: '24 hours', 72: '3 days', 168: '7 days' };
const MAX_HOURS = 168;
const hour = new Intl.DateTimeFormat(LOCALE, {
  weekday: 'short',
  hour: 'numeric',
  minute: '2-digit',
});

type Plan = OutputOf<'SimulateOutboundQueue'>;

function spanText({ From, Until }: Plan): string {
  const hours = Math.round((Date.parse(Until) - Date.parse(From)) / 3_600_000);
  return SPANS[hours] ?? pluralize(hours, 'hour');
}

interface SimulationProps {
  readonly campaignId: string;
  readonly isPaused: boolean;
}

export function Simulation({ campaignId, isPaused }: SimulationProps) {
  const businessId = useBusinessId();
  const [Hours, setHours] = useState(24);
  const [CallSeconds, setCallSeconds] = useState(120);
  const read = useOp(
    'SimulateOutboundQueue',
    { businessId, Hours, CallSeconds, CampaignIds: [campaignId] },
    { keepPrevious: true, refetchInterval: 60_000 },
  );
  const data = visibleData(read);
  const series = useMemo(() => {
    const values = (data?.Hours ?? []).map(({ Dialed }) => Dialed);
    return [{ label: 'Dialed', colour: '--color-accent', values }];
  }, [data]);
  const labels = useMemo(
    () => (data?.Hours ?? []).map(({ At }) => hour.format(Date.parse(At))),
    [data],
  );
  return (
    <div className="flex flex-col gap-2">
      {read.error && <Failure error={read.error} onRetry={() => void read.refetch()} />}
      <div className="flex flex-wrap items-center gap-2">
        <p role="status" className="text-ink-soft">
          {data &&
            `In the next ${spanText(data)} ${pluralize(data.Dialed, 'call')} would be made, ${formatCount(data.NotDialed)} would not.${data.IsComplete ? '' : ' More calls are waiting than the simulation covers.'}`}
          {!data && !read.error && 'Simulating…'}
        </p>
        <InlineSelect
          label="Look ahead"
          className="ms-auto"
          value={Hours}
          of={Object.entries(SPANS)}
          onText={(text) => setHours(Number(text))}
        />
        <InlineSelect
          label="Call length"
          value={CallSeconds}
          of={CALL_MINUTES.map((minutes) => [minutes * 60, `${minutes} min`])}
          onText={(text) => setCallSeconds(Number(text))}
        />
      </div>
      {data?.Dialed === 0 ? (
        <NothingDialed campaignId={campaignId} plan={data} isPaused={isPaused} />
      ) : (
        <Chart
          title="Simulation: calls made by hour"
          labels={labels}
          series={series}
          isAhead
          valueText={(value) => (Number.isInteger(value) ? formatCount(value) : '')}
        />
      )}
      {data?.Occupied.map(({ CampaignId, OccupiedBy, MaxConcurrent }) => (
        <OccupyingCalls key={CampaignId} queueIds={OccupiedBy} slots={MaxConcurrent} />
      ))}
      {data && <WaitingCalls calls={data.Calls.filter(({ At }) => At === null)} />}
      {data && (
        <p className="text-xs text-ink-faint">
          From <Time at={data.From} style="absolute" /> to <Time at={data.Until} style="absolute" />
          , assuming that workers are always free and no call is retried. Nothing is called.
        </p>
      )}
    </div>
  );
}

function WaitingCalls({ calls }: { readonly calls: Plan['Calls'] }) {
  const businessId = useBusinessId();
  if (calls.length === 0) return null;
  return (
    <details className="rounded-xl border border-line bg-surface px-4 py-2">
      <summary className="min-h-6 w-fit rounded font-medium">
        {pluralize(calls.length, 'call')} that would not be made
      </summary>
      <ul className="mt-2 max-h-60 overflow-y-auto">
        {calls.slice(0, 200).map(({ QueueId, RecipientNumber, Reason }) => (
          <li key={QueueId} className="flex gap-3 py-0.5">
            <Link
              {...callLink(businessId, false, QueueId)}
              className="w-40 shrink-0 underline underline-offset-2"
            >
              <bdi>{RecipientNumber}</bdi>
            </Link>
            <span className="text-ink-soft">{Reason !== null && describeReason(Reason)}</span>
          </li>
        ))}
      </ul>
    </details>
  );
}

interface NothingDialedProps {
  readonly campaignId: string;
  readonly plan: Plan;
  readonly isPaused: boolean;
}

function NothingDialed({ campaignId, plan, isPaused }: NothingDialedProps) {
  const businessId = useBusinessId();
  const paused = plan.Waiting.find(({ Reason }) => Reason === 'CAMPAIGN_PAUSED')?.Calls ?? 0;
  const isOutside = plan.Calls.some(({ Reason }) => Reason === 'OUTSIDE_WINDOW');
  // The next calling hours may begin after the chosen span.
  const { data: ahead } = useOp(
    'SimulateOutboundQueue',
    { businessId, Hours: MAX_HOURS, CampaignIds: [campaignId] },
    { enabled: isOutside && !isPaused, refetchInterval: 60_000 },
  );
  const first = ahead?.Calls.flatMap(({ At }) => At ?? []).sort()[0];
  const text = () => {
    if (plan.NotDialed === 0) return 'No calls are waiting.';
    if (isPaused) return `Paused: resume it to make ${pluralize(paused, 'call')}.`;
    if (first !== undefined) return `Next calling hours: ${hour.format(Date.parse(first))}.`;
    return `No calls would be made in the next ${spanText(plan)}.`;
  };
  return (
    <p className="rounded-xl border border-line bg-surface px-4 py-6 text-center font-medium">
      {text()}
    </p>
  );
}
