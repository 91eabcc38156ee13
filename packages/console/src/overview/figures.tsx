import type { OutputOf } from '@colloquy/sdk';
import { Link, type LinkProps } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useIsLive } from '../api/live.ts';
import { useOp } from '../api/use-op.ts';
import { visibleData } from '../api/visible-data.ts';
import { useBusinessId } from '../app-shell/business.ts';
import { LIVE } from '../conversations/facts.ts';
import type { ConversationsSearch } from '../conversations/search.ts';
import { formatCount } from '../ui/text/count.ts';
import { LOCALE } from '../ui/text/locale.ts';
import { formatDuration } from '../ui/text/time.tsx';
import { countOutcome, ENDED_NORMALLY, FAILED } from './outcomes.ts';

export type Analytics = OutputOf<'GetConversationAnalytics'>;
type Total = Analytics['Total'];
type Span = Pick<Analytics, 'From' | 'LastInstant'>;
type Filter = Pick<ConversationsSearch, 'status' | 'outcome' | 'type' | 'duration'>;

export const endOf = ({ LastInstant }: Pick<Span, 'LastInstant'>): string | undefined =>
  Date.parse(LastInstant) < Date.now() ? LastInstant : undefined;

export function linkToConversations(
  businessId: number,
  span: Span | null,
  filter: Filter = {},
): LinkProps {
  return {
    to: '/b/$businessId/conversations',
    params: { businessId },
    search: { ...(span && { from: span.From, to: endOf(span) }), ...filter },
  } as LinkProps;
}

export const FINISHED: Filter = { status: 'Completed,Failed' };
export const LIVE_STATES = LIVE.join(',');

const FIGURES: readonly {
  readonly name: string;
  readonly filter: Filter;
  readonly text: (total: Total) => string;
  readonly part?: (total: Total) => number;
}[] = [
  { name: 'Conversations', filter: {}, text: (total) => formatCount(total.Conversations) },
  {
    name: 'Minutes',
    filter: FINISHED,
    text: ({ Seconds }) => formatCount(Math.round(Seconds / 60)),
  },
  {
    name: 'Average length',
    filter: FINISHED,
    text: ({ AverageSeconds }) =>
      AverageSeconds === null ? '–' : formatDuration(AverageSeconds * 1000),
  },
  ...[ENDED_NORMALLY, FAILED].map((outcome) => ({
    name: outcome.label,
    filter: { outcome: outcome.endTypes.join(',') },
    text: (total: Total) => formatCount(countOutcome(total, outcome)),
    part: (total: Total) => countOutcome(total, outcome),
  })),
];

interface Props {
  readonly series: Analytics | undefined;
  readonly before: Analytics | undefined;
}

export function Figures({ series, before }: Props) {
  const businessId = useBusinessId();
  return (
    <dl className="grid grid-cols-2 gap-3 md:grid-cols-3 xl:grid-cols-6" aria-busy={!series}>
      <LiveNow />
      {FIGURES.map(({ name, filter, text, part }) => (
        <Figure
          key={name}
          name={name}
          to={series ? linkToConversations(businessId, series, filter) : null}
          note={
            before && text(before.Total) !== '–' ? (
              <Link
                {...linkToConversations(businessId, before, filter)}
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

/** Live conversations of any age: the range does not matter. */
function LiveNow() {
  const businessId = useBusinessId();
  const isFollowing = useIsLive();
  const read = useOp(
    'GetConversations',
    { businessId, Limit: 1, Filter: { SessionStates: [...LIVE] } },
    { refetchInterval: !isFollowing && 10_000 },
  );
  const data = visibleData(read);
  return (
    <Figure
      name="Live now"
      to={linkToConversations(businessId, null, { status: LIVE_STATES })}
      note={null}
    >
      {data && formatCount(data.TotalCount)}
    </Figure>
  );
}

interface FigureProps {
  readonly name: string;
  readonly to: LinkProps | null;
  readonly note?: ReactNode;
  readonly children: ReactNode;
}

export function Figure({ name, to, note, children }: FigureProps) {
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
