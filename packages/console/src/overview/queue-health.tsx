import type { LinkProps } from '@tanstack/react-router';
import { useMemo } from 'react';
import { useOp } from '../api/use-op.ts';
import { useBusinessId } from '../frame/business.ts';
import { Chart } from '../ui/chart.tsx';
import { Failure } from '../ui/notice.tsx';
import { Time } from '../ui/time.tsx';
import { useBucketTexts } from './bucket-text.ts';
import { Figure } from './figures.tsx';

const MINUTE = 60_000;
const ENDED = [
  { label: 'Completed', colour: '--color-accent' },
  { label: 'Failed', colour: '--color-bad' },
  { label: 'Expired', colour: '--color-warn' },
  { label: 'Canceled', colour: '--color-line-strong' },
] as const;

interface Props {
  readonly from: string;
  readonly bucket: 'Hour' | 'Day' | 'Week' | 'Month';
}

/** What the queue of calls to be made holds now, and what became of its calls. */
export function QueueHealth({ from, bucket }: Props) {
  const businessId = useBusinessId();
  const { data, error, refetch } = useOp(
    'GetQueueAnalytics',
    { businessId, From: from, Bucket: bucket },
    { keepPrevious: true, refetchInterval: MINUTE },
  );
  const buckets = data?.Buckets;
  const labels = useBucketTexts(data);
  const ended = useMemo(
    () =>
      ENDED.map(({ label, colour }) => ({
        ...{ label, colour },
        values: (buckets ?? []).map((one) => one[label]),
      })),
    [buckets],
  );
  const enqueued = useMemo(
    () => [
      {
        ...{ label: 'Enqueued', colour: '--color-info' },
        values: (buckets ?? []).map(({ Enqueued }) => Enqueued),
      },
    ],
    [buckets],
  );
  if (error) return <Failure error={error} onRetry={() => void refetch()} />;
  const calls = (search: Record<string, string>): LinkProps =>
    ({ to: '/b/$businessId/outbound', params: { businessId }, search }) as LinkProps;
  const now = data?.Now;
  return (
    <section aria-label="Outbound calls" className="flex flex-col gap-4">
      <h2 className="text-lg font-semibold tracking-tight">Outbound calls</h2>
      <dl className="grid grid-cols-2 gap-3 md:grid-cols-4">
        <Figure name="Queued now" to={calls({ status: 'Queued' })}>
          {now?.Queued.toLocaleString()}
        </Figure>
        <Figure name="Due now" to={calls({ due: 'now' })}>
          {now && `${now.IsDueExact ? '' : 'over '}${now.Due.toLocaleString()}`}
        </Figure>
        <Figure name="Running now" to={calls({ status: 'Processing' })}>
          {now?.Processing.toLocaleString()}
        </Figure>
        <Figure name="Longest due" to={calls({ due: 'now' })}>
          {now?.OldestDueAt && <Time at={now.OldestDueAt} style="relative" />}
        </Figure>
      </dl>
      <div className="grid gap-4 xl:grid-cols-2">
        <Chart
          title="Calls put into the queue"
          labels={labels}
          series={enqueued}
          kind="bars"
          valueText={whole}
          linkTo={(index) => {
            const one = buckets?.[index];
            return one ? calls({ from: one.From, to: one.LastInstant }) : null;
          }}
        />
        <Chart
          title="Calls that ended"
          labels={labels}
          series={ended}
          kind="bars"
          valueText={whole}
          linkTo={(index, at) => {
            const one = buckets?.[index];
            if (!one) return null;
            const status = at === null ? ENDED.map(({ label }) => label).join() : ENDED[at]?.label;
            return calls({ endedfrom: one.From, endedto: one.LastInstant, status: status ?? '' });
          }}
        />
      </div>
    </section>
  );
}

const whole = (value: number) => value.toLocaleString();
