import { useEffect, useRef } from 'react';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import type { ChartProps, Series } from './chart.tsx';
import { readColour, useThemeChanges } from './colours.ts';

const HEIGHT = 200;
const WHOLE_STEPS = Array.from({ length: 12 }, (_, power) =>
  [1, 2, 5].map((one) => one * 10 ** power),
).flat();
const LETTER_WIDTH = 6.5;
const LABEL_GAP = 20;

interface Props extends ChartProps {
  readonly pointed: number | null;
  readonly onPick: (index: number, series: number | null) => void;
  readonly onPoint: (index: number | null) => void;
}

/** Hidden from assistive technology: the table beside it has the same values. */
export function Drawing(props: Props) {
  const { labels, series, kind, steps, linkTo, pointed } = props;
  const container = useRef<HTMLDivElement>(null);
  const drawn = useRef<uPlot | null>(null);
  const isPicked = linkTo !== undefined;
  const theme = useThemeChanges();
  const latest = useRef(props);
  latest.current = props;
  // biome-ignore lint/correctness/useExhaustiveDependencies: another theme has other colours
  useEffect(() => {
    const element = container.current;
    if (!element) return;
    const plot = new uPlot(plotOptions(element, props, latest), dataOf(series, kind), element);
    plot.over.addEventListener('click', () => {
      const { idx, top } = plot.cursor;
      if (idx == null) return;
      const height = kind === 'bars' && top !== undefined ? plot.posToVal(top, 'y') : null;
      latest.current.onPick(idx, height === null ? null : partAt(series, idx, height));
    });
    plot.over.style.cursor = isPicked ? 'pointer' : 'default';
    drawn.current = plot;
    const size = new ResizeObserver(() =>
      plot.setSize({ width: element.clientWidth, height: HEIGHT }),
    );
    size.observe(element);
    return () => {
      size.disconnect();
      plot.destroy();
    };
  }, [labels, series, kind, steps, theme, isPicked]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new plot has no mark
  useEffect(() => {
    const plot = drawn.current;
    if (!plot || pointed === null) return;
    const mark = document.createElement('div');
    mark.className = 'pointer-events-none absolute inset-y-0 bg-ink/8';
    // Percentages keep the mark in place when the chart is resized.
    mark.style.left = `${(100 * pointed) / labels.length}%`;
    mark.style.width = `${100 / labels.length}%`;
    plot.over.append(mark);
    return () => mark.remove();
  }, [pointed, labels, series, kind, theme, isPicked]);
  return <div ref={container} aria-hidden dir="ltr" className="h-50 w-full overflow-hidden" />;
}

function plotOptions(
  element: HTMLElement,
  { labels, series, kind, steps, valueText }: Props,
  latest: { readonly current: Props },
): uPlot.Options {
  const stroke = readColour(element, '--color-ink-faint');
  const axis = { stroke, ticks: { show: false }, font: '11px system-ui, sans-serif' };
  const grid = { stroke: readColour(element, '--color-line'), width: 1 };
  const labelWidth = Math.max(0, ...labels.map(({ length }) => length)) * LETTER_WIDTH;
  return {
    width: element.clientWidth,
    height: HEIGHT,
    legend: { show: false },
    padding: [8, 20, 0, 0],
    cursor: { x: false, y: false, drag: { x: false, y: false }, points: { show: kind === 'line' } },
    scales: {
      x: { time: false, range: (_plot, low, high) => [low - 0.5, high + 0.5] },
      y: { range: (_plot, _low, high) => [0, Math.max(high, 1) * 1.05] },
    },
    axes: [
      {
        ...axis,
        grid: { show: false },
        space: labelWidth + LABEL_GAP,
        size: 28,
        values: (_plot, splits) =>
          splits.map((split) => (Number.isInteger(split) ? (labels[split] ?? '') : '')),
      },
      {
        ...axis,
        grid,
        space: 36,
        size: 56,
        incrs: [...(steps ?? WHOLE_STEPS)],
        values: (_plot, splits) => splits.map((split) => valueText(split)),
      },
    ],
    series: [{}, ...seriesOf(series, kind, (name) => readColour(element, name, true))],
    hooks: { setCursor: [({ cursor }) => latest.current.onPoint(cursor.idx ?? null)] },
  };
}

function partAt(series: readonly Series[], index: number, height: number): number | null {
  let sum = 0;
  for (const [at, { values }] of series.entries()) {
    sum += values[index] ?? 0;
    if (height <= sum) return at;
  }
  return null;
}

/** Stacked bars are cumulative sums, the highest first: the others are drawn over it. */
function dataOf(series: readonly Series[], kind: ChartProps['kind']): uPlot.AlignedData {
  const count = series[0]?.values.length ?? 0;
  const places = Array.from({ length: count }, (_, index) => index);
  if (kind === 'line') return [places, ...series.map(({ values }) => [...values])];
  const sums: number[][] = [];
  for (const { values } of series) {
    const below = sums.at(-1);
    sums.push(values.map((value, index) => (value ?? 0) + (below?.[index] ?? 0)));
  }
  return [places, ...sums.reverse()];
}

function seriesOf(
  series: readonly Series[],
  kind: ChartProps['kind'],
  colour: (name: string) => string,
): uPlot.Series[] {
  const bars = uPlot.paths.bars?.({ size: [0.72, 48], radius: 0.08 });
  if (kind === 'line') {
    return series.map((one) => ({
      stroke: colour(one.colour),
      width: 2,
      spanGaps: true,
      points: { show: one.values.length < 40, size: 5 },
    }));
  }
  return [...series].reverse().map((one) => ({
    fill: colour(one.colour),
    stroke: colour(one.colour),
    width: 0,
    points: { show: false },
    ...(bars && { paths: bars }),
  }));
}
