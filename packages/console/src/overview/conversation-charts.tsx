import { useMemo } from 'react';
import { useBusinessId } from '../app-shell/business.ts';
import { formatSeconds } from '../conversations/facts.ts';
import { Chart } from '../ui/charts/chart.tsx';
import { formatDuration } from '../ui/text/time.tsx';
import { type Analytics, FINISHED, LIVE_STATES, linkToConversations } from './figures.tsx';
import { countOutcome, OUTCOMES } from './outcomes.ts';

type Buckets = Analytics['Buckets'];

const TYPES = [
  { type: 'Inbound', colour: '--color-accent' },
  { type: 'Outbound', colour: '--color-info' },
  { type: 'Web', colour: '--color-warn' },
] as const;

const CLOCK = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 18_000, 36_000];
const MINUTES = [
  0.1,
  0.2,
  0.5,
  ...[1, 10, 100, 1000, 1e4, 1e5, 1e6].flatMap((one) => [one, 2 * one, 5 * one]),
];

interface Props {
  /** Undefined while loading; the charts already take their space. */
  readonly series: Analytics | undefined;
  readonly labels: readonly string[];
}

const NO_CLASSES: Analytics['Total']['Durations'] = [];
const NO_BUCKETS: Buckets = [];

export function ConversationCharts({ series, labels }: Props) {
  const buckets = series?.Buckets ?? NO_BUCKETS;
  return (
    <div className="grid grid-cols-1 gap-4 xl:grid-cols-2">
      <div className="xl:col-span-2">
        <Outcomes buckets={buckets} labels={labels} />
      </div>
      <Beginnings buckets={buckets} labels={labels} />
      <Minutes buckets={buckets} labels={labels} />
      <Lengths buckets={buckets} labels={labels} />
      <Durations series={series} />
    </div>
  );
}

interface ChartData {
  readonly buckets: Buckets;
  readonly labels: readonly string[];
}

function Outcomes({ buckets, labels }: ChartData) {
  const businessId = useBusinessId();
  const series = useMemo(() => {
    const ended = OUTCOMES.map((outcome) => ({
      label: outcome.label,
      colour: outcome.colour,
      values: buckets.map((bucket) => countOutcome(bucket, outcome)),
    }));
    const live = {
      label: 'Live',
      colour: '--color-line-strong',
      values: buckets.map((one) => one.Live),
    };
    return [...ended, live];
  }, [buckets]);
  return (
    <Chart
      title="Conversations by outcome"
      labels={labels}
      series={series}
      linkTo={(index, at) => {
        const bucket = buckets[index];
        if (!bucket) return null;
        const outcome = at === null ? undefined : OUTCOMES[at]?.endTypes.join(',');
        if (at === null) return linkToConversations(businessId, bucket);
        if (outcome !== undefined) return linkToConversations(businessId, bucket, { outcome });
        return linkToConversations(businessId, bucket, { status: LIVE_STATES });
      }}
    />
  );
}

function Beginnings({ buckets, labels }: ChartData) {
  const businessId = useBusinessId();
  const series = useMemo(
    () =>
      TYPES.map(({ type, colour }) => ({
        label: type,
        colour,
        values: buckets.map(
          ({ InitiationTypes }) =>
            InitiationTypes.find(({ InitiationType }) => InitiationType === type)?.Count ?? 0,
        ),
      })),
    [buckets],
  );
  return (
    <Chart
      title="Conversations by type"
      labels={labels}
      series={series}
      linkTo={(index, at) => {
        const bucket = buckets[index];
        const type = at === null ? undefined : TYPES[at]?.type;
        return bucket
          ? linkToConversations(businessId, bucket, type === undefined ? {} : { type })
          : null;
      }}
    />
  );
}

const linkToFinished = (businessId: number, buckets: Buckets) => (index: number) => {
  const bucket = buckets[index];
  return bucket ? linkToConversations(businessId, bucket, FINISHED) : null;
};

function Minutes({ buckets, labels }: ChartData) {
  const businessId = useBusinessId();
  const series = useMemo(() => {
    const values = buckets.map(({ Seconds }) => Math.round(Seconds / 6) / 10);
    return [{ label: 'Minutes', colour: '--color-accent', values }];
  }, [buckets]);
  return (
    <Chart
      title="Minutes"
      steps={MINUTES}
      labels={labels}
      series={series}
      linkTo={linkToFinished(businessId, buckets)}
    />
  );
}

function Lengths({ buckets, labels }: ChartData) {
  const businessId = useBusinessId();
  const series = useMemo(() => {
    const values = buckets.map(({ AverageSeconds }) => AverageSeconds);
    return [{ label: 'Average length', colour: '--color-info', values }];
  }, [buckets]);
  return (
    <Chart
      title="Average length"
      labels={labels}
      series={series}
      kind="line"
      steps={CLOCK}
      valueText={(value) => formatDuration(value * 1000)}
      linkTo={linkToFinished(businessId, buckets)}
    />
  );
}

function Durations({ series }: Pick<Props, 'series'>) {
  const businessId = useBusinessId();
  const classes = series?.Total.Durations ?? NO_CLASSES;
  const labels = useMemo(
    () =>
      classes.map(({ FromSeconds, ToSeconds }) =>
        ToSeconds === null ? `${formatSeconds(FromSeconds)} +` : `to ${formatSeconds(ToSeconds)}`,
      ),
    [classes],
  );
  const bars = useMemo(() => {
    const values = classes.map(({ Count }) => Count);
    return [{ label: 'Conversations', colour: '--color-accent', values }];
  }, [classes]);
  return (
    <Chart
      title="Conversation length"
      of="Length"
      labels={labels}
      series={bars}
      linkTo={(index) => {
        const duration = classes[index]?.FromSeconds;
        return series && duration !== undefined
          ? linkToConversations(businessId, series, { duration: String(duration) })
          : null;
      }}
    />
  );
}
