import { useEffect, useRef } from 'react';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import type { ChartProps, Series } from './chart.tsx';
import { colourOf, useThemeChanges } from './colours.ts';

const HEIGHT = 200;
const WHOLE = Array.from({ length: 12 }, (_, power) => [1, 2, 5].map((one) => one * 10 ** power));
/** Of a letter of a label, about; and between two labels. */
const LETTER = 6.5;
const GAP = 20;

/** The drawing of a chart; what it shows is in the table beside it too. */
export function Drawing({
  labels,
  series,
  kind,
  steps,
  valueText,
  linkTo,
  pointed,
  onPick,
  onPoint,
}: ChartProps & {
  /** The value that is looked at, by the pointer or by keys. */
  readonly pointed: number | null;
  /** Which value, and of which series; null: of none of them. */
  readonly onPick: (index: number, series: number | null) => void;
  readonly onPoint: (index: number | null) => void;
}) {
  const container = useRef<HTMLDivElement>(null);
  const drawn = useRef<uPlot | null>(null);
  const isPicked = linkTo !== undefined;
  const theme = useThemeChanges();
  const handlers = useRef({ onPick, onPoint });
  handlers.current = { onPick, onPoint };
  // biome-ignore lint/correctness/useExhaustiveDependencies: another theme has other colours
  useEffect(() => {
    const element = container.current;
    if (!element) return;
    const colour = (name: string) => colourOf(element, name);
    const axis = { stroke: colour('--color-ink-faint'), ticks: { show: false } };
    const grid = { stroke: colour('--color-line'), width: 1 };
    const room = Math.max(0, ...labels.map(({ length }) => length)) * LETTER + GAP;
    const font = '11px system-ui, sans-serif';
    const plot = new uPlot(
      {
        width: element.clientWidth,
        height: HEIGHT,
        legend: { show: false },
        padding: [8, 20, 0, 0],
        cursor: {
          x: false,
          y: false,
          drag: { x: false, y: false },
          points: { show: kind === 'line' },
        },
        scales: {
          x: { time: false, range: (_plot, low, high) => [low - 0.5, high + 0.5] },
          y: { range: (_plot, _low, high) => [0, Math.max(high, 1) * 1.05] },
        },
        axes: [
          {
            ...axis,
            font,
            grid: { show: false },
            space: room,
            size: 28,
            values: (_plot, splits) =>
              splits.map((split) => (Number.isInteger(split) ? (labels[split] ?? '') : '')),
          },
          {
            ...axis,
            font,
            grid,
            space: 36,
            size: 56,
            incrs: [...(steps ?? WHOLE.flat())],
            values: (_plot, splits) => splits.map((split) => valueText(split)),
          },
        ],
        series: [{}, ...seriesOf(series, kind, (name) => colourOf(element, name, true))],
        hooks: {
          setCursor: [({ cursor }) => handlers.current.onPoint(cursor.idx ?? null)],
        },
      },
      dataOf(series, kind),
      element,
    );
    plot.over.addEventListener('click', () => {
      const { idx, top } = plot.cursor;
      if (idx == null) return;
      const height = kind === 'bars' && top !== undefined ? plot.posToVal(top, 'y') : null;
      handlers.current.onPick(idx, height === null ? null : partAt(series, idx, height));
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
  // biome-ignore lint/correctness/useExhaustiveDependencies: what is drawn anew is marked anew
  useEffect(() => {
    const plot = drawn.current;
    if (!plot || pointed === null) return;
    const mark = document.createElement('div');
    mark.className = 'pointer-events-none absolute inset-y-0 bg-ink/8';
    // Of the whole, so that it stays at its place in another size.
    mark.style.left = `${(100 * pointed) / labels.length}%`;
    mark.style.width = `${100 / labels.length}%`;
    plot.over.append(mark);
    return () => mark.remove();
  }, [pointed, labels, series, kind, theme, isPicked]);
  return <div ref={container} aria-hidden dir="ltr" className="h-50 w-full overflow-hidden" />;
}

/** The series whose part of a bar is at a height; null above all of them. */
function partAt(series: readonly Series[], index: number, height: number): number | null {
  let sum = 0;
  for (const [at, { values }] of series.entries()) {
    sum += values[index] ?? 0;
    if (height <= sum) return at;
  }
  return null;
}

/** Where bars stand on each other, the highest comes first, and the others are drawn over its foot. */
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
