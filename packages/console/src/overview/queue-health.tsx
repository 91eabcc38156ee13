import { type LinkProps, useNavigate, useSearch } from '@tanstack/react-router';
import { useMemo } from 'react';
import { useOp } from '../api/use-op.ts';
import { visibleData } from '../api/visible-data.ts';
import { useBusinessId } from '../app-shell/business.ts';
import { Chart } from '../ui/charts/chart.tsx';
import { Failure } from '../ui/notice.tsx';
import { formatCount } from '../ui/text/count.ts';
import { Time } from '../ui/text/time.tsx';
import { useBucketTexts } from './bucket-text.ts';
import type { toRangeInput } from './calendar.ts';
import { endOf, Figure } from './figures.tsx';

const MINUTE = 60_000;
const ENDED = [
  { label: 'Completed', colour: '--color-accent' },
  { label: 'Failed', colour: '--color-bad' },
  { label: 'Expired', colour: '--color-warn' },
  { label: 'Canceled', colour: '--color-line-strong' },
] as const;

const QUEUES = {
  Outbound: {
    title: 'Outbound calls',
    to: '/b/$businessId/outbound',
    enqueued: 'Calls added to the queue',
    oldest: 'Oldest due since',
  },
  Inbound: {
    title: 'Inbound calls',
    to: '/b/$businessId/inbound',
    enqueued: 'Incoming calls',
    oldest: 'Oldest waiting since',
  },
} as const;
const DIRECTIONS = ['Outbound', 'Inbound'] as const;

type Direction = (typeof DIRECTIONS)[number];

type CallsLink = Readonly<Record<string, string | undefined>>;

interface Props {
  readonly input: ReturnType<typeof toRangeInput>;
}

export function QueueHealth({ input }: Props) {
  const { calls } = useSearch({ from: '/inside/b/$businessId/overview' });
  const navigate = useNavigate({ from: '/b/$businessId/overview' });
  const direction = calls === 'inbound' ? 'Inbound' : 'Outbound';
  const { title } = QUEUES[direction];
  const show = (one: Direction) =>
    void navigate({
      search: (now) => ({ ...now, calls: one === 'Inbound' ? 'inbound' : undefined }),
      resetScroll: false,
    });
  return (
    <section aria-label={title} className="flex flex-col gap-4">
      <header className="flex flex-wrap items-center gap-x-4 gap-y-2">
        <h2 className="text-lg font-semibold tracking-tight">{title}</h2>
        <fieldset className="flex gap-1">
          <legend className="sr-only">Queue</legend>
          {DIRECTIONS.map((one) => (
            <button
              key={one}
              type="button"
              aria-pressed={one === direction}
              onClick={() => show(one)}
              className="rounded-md px-3 py-1.5 text-ink-soft hover:bg-sunken aria-pressed:bg-accent-soft aria-pressed:font-medium aria-pressed:text-accent-strong"
            >
              {one}
            </button>
          ))}
        </fieldset>
      </header>
      {/* Remounted for the other queue, to never show numbers of this one. */}
      <QueueFigures key={direction} direction={direction} input={input} />
    </section>
  );
}

function QueueFigures({ direction, input }: Props & { readonly direction: Direction }) {
  const businessId = useBusinessId();
  const { to, enqueued: enqueuedTitle, oldest } = QUEUES[direction];
  const read = useOp(
    'GetQueueAnalytics',
    { businessId, Direction: direction, ...input },
    { keepPrevious: true, refetchInterval: MINUTE },
  );
  const data = visibleData(read);
  const buckets = data?.Buckets;
  const labels = useBucketTexts(data);
  const ended = useMemo(
    () =>
      ENDED.map(({ label, colour }) => ({
        label,
        colour,
        values: (buckets ?? []).map((one) => one[label]),
      })),
    [buckets],
  );
  const enqueued = useMemo(() => {
    const values = (buckets ?? []).map(({ Enqueued }) => Enqueued);
    return [{ label: 'Enqueued', colour: '--color-info', values }];
  }, [buckets]);
  const calls = (search: CallsLink): LinkProps =>
    ({ to, params: { businessId }, search }) as LinkProps;
  const now = data?.Now;
  return (
    <>
      {read.error && <Failure error={read.error} onRetry={() => void read.refetch()} />}
      <dl className="grid grid-cols-2 gap-3 md:grid-cols-4">
        <Figure name="Queued now" to={calls({ status: 'Queued' })}>
          {now && formatCount(now.Queued)}
        </Figure>
        <Figure name="Due now" to={calls({ due: 'now' })}>
          {now && `${now.IsDueExact ? '' : 'over '}${formatCount(now.Due)}`}
        </Figure>
        <Figure name="Running now" to={calls({ status: 'Processing' })}>
          {now && formatCount(now.Processing)}
        </Figure>
        <Figure name={oldest} to={calls({ due: 'now' })}>
          {now?.OldestDueAt && <Time at={now.OldestDueAt} style="relative" />}
        </Figure>
      </dl>
      <div className="grid grid-cols-1 gap-4 xl:grid-cols-2">
        <Chart
          title={enqueuedTitle}
          labels={labels}
          series={enqueued}
          linkTo={(index) => {
            const one = buckets?.[index];
            return one ? calls({ from: one.From, to: endOf(one) }) : null;
          }}
        />
        <Chart
          title="Calls ended"
          labels={labels}
          series={ended}
          linkTo={(index, at) => {
            const one = buckets?.[index];
            if (!one) return null;
            const status = at === null ? ENDED.map(({ label }) => label).join() : ENDED[at]?.label;
            return calls({ endedfrom: one.From, endedto: endOf(one), status });
          }}
        />
      </div>
    </>
  );
}
