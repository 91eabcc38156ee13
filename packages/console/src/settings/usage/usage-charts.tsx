import { useMemo } from 'react';
import { Chart } from '../../ui/charts/chart.tsx';
import { formatBytes } from '../../ui/text/bytes.ts';
import { formatMinutes, formatShortMonth, type MonthUsage } from './usage-text.ts';

const MINUTES = [0.1, 1, 10, 100, 1000, 1e4, 1e5, 1e6, 1e7].flatMap((one) => [
  one,
  2 * one,
  5 * one,
]);
const BYTES = Array.from({ length: 16 }, (_, power) =>
  [1, 2, 5].map((one) => one * 10 ** power),
).flat();

export function UsageCharts({ months }: { readonly months: readonly MonthUsage[] }) {
  const labels = useMemo(() => months.map(({ Month }) => formatShortMonth(Month)), [months]);
  const series = useMemo(
    () => ({
      conversations: [
        {
          label: 'Conversations',
          colour: '--color-accent',
          values: months.map(({ Conversations }) => Conversations),
        },
      ],
      minutes: [
        {
          label: 'Minutes',
          colour: '--color-info',
          values: months.map(({ Minutes }) => Minutes),
        },
      ],
      stored: bytes(months, 'BytesStored'),
      added: bytes(months, 'BytesAdded'),
    }),
    [months],
  );
  return (
    <div className="grid grid-cols-1 gap-4 xl:grid-cols-2">
      <Chart title="Conversations begun" labels={labels} series={series.conversations} />
      <Chart
        title="Minutes of conversation"
        labels={labels}
        series={series.minutes}
        steps={MINUTES}
        valueText={formatMinutes}
      />
      <Chart
        title="Stored at the end of the month"
        labels={labels}
        series={series.stored}
        steps={BYTES}
        valueText={formatBytes}
      />
      <Chart
        title="Added in the month"
        labels={labels}
        series={series.added}
        steps={BYTES}
        valueText={formatBytes}
      />
    </div>
  );
}

/** A reader of masked data gets no bytes of transcripts. */
function bytes(months: readonly MonthUsage[], what: 'BytesStored' | 'BytesAdded') {
  const recordings = months.map((month) => month[`Recording${what}`]);
  const transcripts = months.flatMap((month) => month[`Transcript${what}`] ?? []);
  return [
    { label: 'Recordings', colour: '--color-accent', values: recordings },
    ...(transcripts.length < months.length
      ? []
      : [{ label: 'Transcripts', colour: '--color-warn', values: transcripts }]),
  ];
}
