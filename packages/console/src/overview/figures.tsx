import type { OutputOf } from '@colloquy/sdk';
import { Link, type LinkProps } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { LIVE } from '../conversations/facts.ts';
import { useBusinessId } from '../frame/business.ts';
import { durationText } from '../ui/time.tsx';

type Series = OutputOf<'GetConversationAnalytics'>;
type Span = Pick<Series['Buckets'][number], 'From' | 'LastInstant'>;

/** The list of the conversations that a figure counts. */
export function conversationsLink(
  businessId: number,
  { From, LastInstant }: Span,
  filter: { status?: string; outcome?: string; type?: string } = {},
): LinkProps {
  return {
    to: '/b/$businessId/conversations',
    params: { businessId },
    search: { from: From, to: LastInstant, ...filter },
  } as LinkProps;
}

export const FAILURES = 'MidSessionFailure,InitializeError,ExpiredWaitingForInitialize';
const LIVE_STATES = LIVE.join(',');

/** The figures of the whole range, each the way to what it counts. */
export function Figures({ series }: { readonly series: Series }) {
  const businessId = useBusinessId();
  const { Total: total } = series;
  const link = (filter?: Parameters<typeof conversationsLink>[2]) =>
    conversationsLink(businessId, series, filter);
  const failed = countOf(total.Statuses, 'Failed');
  const normal = total.EndTypes.find(({ EndType }) => EndType === 'Normal')?.Count ?? 0;
  return (
    <dl className="grid grid-cols-2 gap-3 md:grid-cols-3 xl:grid-cols-6">
      <Figure name="Conversations" to={link()}>
        {total.Conversations.toLocaleString()}
      </Figure>
      <Figure name="Live now" to={link({ status: LIVE_STATES })}>
        {total.Live.toLocaleString()}
      </Figure>
      <Figure name="Minutes" to={link({ status: 'Completed,Failed' })}>
        {Math.round(total.Seconds / 60).toLocaleString()}
      </Figure>
      <Figure name="Average length" to={link({ status: 'Completed,Failed' })}>
        {total.AverageSeconds === null ? '–' : durationText(total.AverageSeconds * 1000)}
      </Figure>
      <Figure name="Ended normally" to={link({ outcome: 'Normal' })}>
        {normal.toLocaleString()} <Share part={normal} all={total.Finished} />
      </Figure>
      <Figure name="Failed" to={link({ status: 'Failed' })}>
        {failed.toLocaleString()} <Share part={failed} all={total.Finished} />
      </Figure>
    </dl>
  );
}

const countOf = (statuses: Series['Total']['Statuses'], status: string): number =>
  statuses.find((one) => one.Status === status)?.Count ?? 0;

function Share({ part, all }: { readonly part: number; readonly all: number }) {
  if (all === 0) return null;
  return (
    <span className="text-sm font-normal text-ink-soft">
      {(part / all).toLocaleString(undefined, { style: 'percent' })}
    </span>
  );
}

export function Figure({
  name,
  to,
  children,
}: {
  readonly name: string;
  readonly to: LinkProps | null;
  readonly children: ReactNode;
}) {
  return (
    <div className="relative rounded-xl border border-line bg-surface px-4 py-3 has-[a:hover]:bg-sunken">
      <dt className="text-xs text-ink-soft">{name}</dt>
      <dd className="text-2xl font-semibold tracking-tight tabular">
        {to === null ? (
          children
        ) : (
          <Link {...to} className="after:absolute after:inset-0 after:rounded-xl">
            {children}
          </Link>
        )}
      </dd>
    </div>
  );
}
