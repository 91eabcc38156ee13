import type { OutputOf } from '@colloquy/sdk';
import { Link, type LinkProps } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { shownOf } from '../api/shown.ts';
import { useOp } from '../api/use-op.ts';
import { useBusinessId } from '../app-shell/business.ts';
import { LIVE } from '../conversations/facts.ts';
import type { ConversationsSearch } from '../conversations/search.ts';
import { countText } from '../ui/text/count.ts';
import { LOCALE } from '../ui/text/locale.ts';
import { durationText } from '../ui/text/time.tsx';
import { countOfOutcome, ENDED_NORMALLY, FAILED } from './outcomes.ts';

export type Analytics = OutputOf<'GetConversationAnalytics'>;
type Total = Analytics['Total'];
type Span = Pick<Analytics, 'From' | 'LastInstant'>;
type Filter = Pick<ConversationsSearch, 'status' | 'outcome' | 'type' | 'duration'>;

/** Until when a list goes that a figure counts; no end where that lies ahead. */
export const endOf = ({ LastInstant }: Pick<Span, 'LastInstant'>): string | undefined =>
  Date.parse(LastInstant) < Date.now() ? LastInstant : undefined;

/** The list of the conversations that a figure counts. */
export function conversationsLink(businessId: number, span: Span, filter: Filter = {}): LinkProps {
  return {
    to: '/b/$businessId/conversations',
    params: { businessId },
    search: { from: span.From, to: endOf(span), ...filter },
  } as LinkProps;
}

export const FINISHED: Filter = { status: 'Completed,Failed' };
export const LIVE_STATES = LIVE.join(',');

/** What is told of a range, the list that it counts, and whether it is a part of what has ended. */
const FIGURES: readonly {
  readonly name: string;
  readonly filter: Filter;
  readonly text: (total: Total) => string;
  readonly part?: (total: Total) => number;
}[] = [
  { name: 'Conversations', filter: {}, text: (total) => countText(total.Conversations) },
  {
    name: 'Minutes',
    filter: FINISHED,
    text: ({ Seconds }) => countText(Math.round(Seconds / 60)),
  },
  {
    name: 'Average length',
    filter: FINISHED,
    text: ({ AverageSeconds }) =>
      AverageSeconds === null ? '–' : durationText(AverageSeconds * 1000),
  },
  ...[ENDED_NORMALLY, FAILED].map((outcome) => ({
    name: outcome.label,
    filter: { outcome: outcome.endTypes.join(',') },
    text: (total: Total) => countText(countOfOutcome(total, outcome)),
    part: (total: Total) => countOfOutcome(total, outcome),
  })),
];

interface Props {
  /** Undefined until they are known. */
  readonly series: Analytics | undefined;
  readonly before: Analytics | undefined;
}

/** The figures of the whole range, each the way to what it counts, beside those of the one before. */
export function Figures({ series, before }: Props) {
  const businessId = useBusinessId();
  return (
    <dl className="grid grid-cols-2 gap-3 md:grid-cols-3 xl:grid-cols-6" aria-busy={!series}>
      <LiveNow />
      {FIGURES.map(({ name, filter, text, part }) => (
        <Figure
          key={name}
          name={name}
          to={series ? conversationsLink(businessId, series, filter) : null}
          note={
            before && text(before.Total) !== '–' ? (
              <Link
                {...conversationsLink(businessId, before, filter)}
                className="relative z-10 inline-block min-h-6 leading-6 hover:underline"
              >
                previously{' '}
                {(part && share(part(before.Total), before.Total.Finished)) || text(before.Total)}
              </Link>
            ) : null
          }
        >
          {series && (
            <>
              {text(series.Total)}{' '}
              {part && (
                <span className="text-sm font-normal text-ink-soft">
                  {share(part(series.Total), series.Total.Finished)}
                </span>
              )}
            </>
          )}
        </Figure>
      ))}
    </dl>
  );
}

const share = (part: number, all: number): string =>
  all === 0 ? '' : (part / all).toLocaleString(LOCALE, { style: 'percent' });

/** Whenever they began: those that go on are few, and the list counts them. */
function LiveNow() {
  const businessId = useBusinessId();
  const read = useOp(
    'GetConversations',
    { businessId, Limit: 1, Filter: { SessionStates: [...LIVE] } },
    { refetchInterval: 10_000 },
  );
  const data = shownOf(read);
  return (
    <Figure
      name="Live now"
      to={
        {
          to: '/b/$businessId/conversations',
          params: { businessId },
          search: { status: LIVE_STATES },
        } as LinkProps
      }
      note={null}
    >
      {data && countText(data.TotalCount)}
    </Figure>
  );
}

/** A figure with its name; the whole of its card leads to what it counts. */
export function Figure({
  name,
  to,
  note,
  children,
}: {
  readonly name: string;
  readonly to: LinkProps | null;
  /** What is said of it in small letters below. */
  readonly note?: ReactNode;
  readonly children: ReactNode;
}) {
  const value = children ?? <span className="text-ink-faint">–</span>;
  return (
    <div className="relative rounded-xl border border-line bg-surface px-4 py-3 has-[a:hover]:bg-sunken">
      <dt className="text-xs text-ink-soft">{name}</dt>
      <dd className="text-2xl font-semibold tracking-tight tabular">
        {to === null ? (
          value
        ) : (
          <Link {...to} className="after:absolute after:inset-0 after:rounded-xl">
            {value}
          </Link>
        )}
      </dd>
      {note !== undefined && (
        <dd className="min-h-6 text-xs leading-6 text-ink-soft tabular">{note}</dd>
      )}
    </div>
  );
}
