import { Link, type LinkProps, useNavigate } from '@tanstack/react-router';
import { Table2 } from 'lucide-react';
import { type KeyboardEvent, Suspense, useState } from 'react';
import { lazyPart } from '../browser/lazy-part.ts';
import { Button } from '../button.tsx';
import { formatCount } from '../text/count.ts';

const Drawing = lazyPart(() => import('./drawing.tsx'), 'Drawing');

export interface Series {
  readonly label: string;
  /** The name of a CSS variable, such as `--color-accent`. */
  readonly colour: string;
  readonly values: readonly (number | null)[];
}

export interface ChartProps {
  readonly title: string;
  readonly labels: readonly string[];
  readonly series: readonly Series[];
  readonly kind: 'bars' | 'line';
  readonly of?: string;
  /** For future values: the table begins with the earliest instead of the latest. */
  readonly isAhead?: boolean;
  /** Allowed distances of grid lines, ascending; whole numbers by default. */
  readonly steps?: readonly number[];
  readonly valueText: (value: number) => string;
  /** The list that a value counts; a `series` of null is the whole bar. */
  readonly linkTo?: (index: number, series: number | null) => LinkProps | null;
}

type Defaults = Pick<ChartProps, 'kind' | 'valueText'>;

export function Chart(given: Omit<ChartProps, keyof Defaults> & Partial<Defaults>) {
  const props: ChartProps = { kind: 'bars', valueText: formatCount, ...given };
  const { title, labels, series, valueText, linkTo } = props;
  const [isTable, setTable] = useState(false);
  const [pointed, setPointed] = useState<number | null>(null);
  /** The pointer's position; null while keys choose the values. */
  const [pointer, setPointer] = useState<Pointer | null>(null);
  const navigate = useNavigate();
  const last = labels.length - 1;
  const pick = (index: number, at: number | null) => {
    const link = linkTo?.(index, at);
    if (link) void navigate(link);
  };
  const describeValue = (index: number) =>
    [
      labels[index],
      ...series.map(({ label, values }) => {
        const value = values[index];
        return value == null ? `${label} –` : `${label} ${valueText(value)}`;
      }),
    ].join(' · ');
  const onKeyDown = (event: KeyboardEvent) => {
    const to = keyMove(event.key, pointed, last);
    if (to !== null) {
      setPointer(null);
      setPointed(to);
    } else if (event.key === 'Enter' && pointed !== null) pick(pointed, null);
    else return;
    event.preventDefault();
  };
  return (
    <section aria-label={title} className="rounded-xl border border-line bg-surface p-4 pb-2">
      <header className="mb-2 flex items-start gap-2">
        <div className="flex min-h-8 min-w-0 flex-1 flex-wrap items-center gap-x-4 gap-y-1">
          <h2 className="font-semibold">{title}</h2>
          {series.length > 1 &&
            series.map(({ label, colour }) => (
              <span key={label} className="flex items-center gap-1.5 text-xs text-ink-soft">
                <Swatch colour={colour} />
                <bdi>{label}</bdi>
              </span>
            ))}
        </div>
        <Button
          icon={Table2}
          look="quiet"
          aria-label={isTable ? 'Show as chart' : 'Show as table'}
          onClick={() => setTable(!isTable)}
        >
          {isTable ? 'Chart' : 'Table'}
        </Button>
      </header>
      {isTable ? (
        <Values {...props} />
      ) : (
        <>
          {/* A slider for assistive technology: arrow keys move from value to value. */}
          <div
            role="slider"
            aria-roledescription="chart"
            aria-label={title}
            aria-valuemin={0}
            aria-valuemax={Math.max(last, 0)}
            aria-valuenow={pointed ?? 0}
            aria-valuetext={
              pointed === null ? 'Use the arrow keys to read the values' : describeValue(pointed)
            }
            tabIndex={0}
            className="relative rounded"
            onKeyDown={onKeyDown}
            onPointerMove={({ clientX, clientY, currentTarget }) => {
              const { left, top, width } = currentTarget.getBoundingClientRect();
              setPointer({ x: clientX - left, y: clientY - top, width });
            }}
            onBlur={() => setPointed(null)}
          >
            <Suspense fallback={<div className="h-50" />}>
              <Drawing {...props} pointed={pointed} onPoint={setPointed} onPick={pick} />
            </Suspense>
            {pointed !== null && pointer && <Tip {...props} index={pointed} pointer={pointer} />}
          </div>
          <p aria-hidden className="mt-1 min-h-5 text-xs text-ink-soft tabular">
            {pointed !== null && !pointer && describeValue(pointed)}
          </p>
        </>
      )}
    </section>
  );
}

const Swatch = ({ colour }: { readonly colour: string }) => (
  <span
    aria-hidden
    className="size-2.5 shrink-0 rounded-sm forced-color-adjust-none"
    style={{ background: `var(${colour})` }}
  />
);

interface Pointer {
  readonly x: number;
  readonly y: number;
  readonly width: number;
}

interface Props extends ChartProps {
  readonly index: number;
  readonly pointer: Pointer;
}

function Tip({ labels, series, valueText, index, pointer: { x, y, width } }: Props) {
  const side = x > width / 2 ? { right: width - x + 14 } : { left: x + 14 };
  return (
    <div
      aria-hidden
      className="pointer-events-none absolute z-10 w-max max-w-[60%] -translate-y-1/2 rounded-lg border border-line bg-raised px-2.5 py-1.5 text-xs shadow-lg tabular"
      style={{ ...side, top: y }}
    >
      <p className="font-medium">{labels[index]}</p>
      {series.map(({ label, colour, values }) => {
        const value = values[index];
        return (
          <p key={label} className="flex items-center gap-1.5 text-ink-soft">
            <Swatch colour={colour} />
            <bdi>{label}</bdi>
            <span className="ms-auto ps-3 text-ink">{value == null ? '–' : valueText(value)}</span>
          </p>
        );
      })}
    </div>
  );
}

function keyMove(key: string, at: number | null, last: number): number | null {
  if (key === 'ArrowRight' || key === 'ArrowUp') return Math.min((at ?? -1) + 1, last);
  if (key === 'ArrowLeft' || key === 'ArrowDown') return Math.max((at ?? last + 1) - 1, 0);
  if (key === 'Home') return 0;
  return key === 'End' ? last : null;
}

const HEAD = 'py-1 pe-3 text-xs font-medium text-ink-faint';
const ROWS_IN_SIGHT = 9;

function Values({ title, of, isAhead = false, labels, series, valueText, linkTo }: ChartProps) {
  const rows = labels.map((label, index) => ({ label, index }));
  const isNewestFirst = of === undefined && !isAhead;
  if (isNewestFirst) rows.reverse();
  const cell = (value: number | null | undefined, link: LinkProps | null | undefined) => {
    if (value == null) return '–';
    if (!link || value === 0) return valueText(value);
    return (
      <Link {...link} className="underline underline-offset-2 hover:text-accent">
        {valueText(value)}
      </Link>
    );
  };
  const table = (
    <section
      className="max-h-72 overflow-auto"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: keys scroll it
      tabIndex={0}
      aria-label={`${title}, table`}
    >
      <table className="w-full text-start tabular">
        <thead className="sticky top-0 bg-surface">
          <tr>
            <th scope="col" className={`${HEAD} text-start`}>
              {of ?? 'When'}
            </th>
            {series.map(({ label }) => (
              <th key={label} scope="col" className={`${HEAD} text-end`}>
                {label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ label, index }) => (
            <tr key={index} className="border-t border-line">
              <th scope="row" className="py-1 pe-3 text-start font-normal whitespace-nowrap">
                {label}
              </th>
              {series.map(({ label: name, values }, at) => (
                <td key={name} className="py-1 pe-3 text-end">
                  {cell(values[index], linkTo?.(index, at))}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
  if (rows.length <= ROWS_IN_SIGHT) return table;
  return (
    <>
      {table}
      <p className="border-t border-line pt-1 text-xs text-ink-faint">
        {rows.length} rows{isNewestFirst && ', newest first'}. Scroll to see all.
      </p>
    </>
  );
}
