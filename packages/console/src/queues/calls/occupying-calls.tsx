import { Link } from '@tanstack/react-router';
import { Fragment } from 'react';
import { useBusinessId } from '../../app-shell/business.ts';
import { callLink } from '../../app-shell/links.ts';
import { formatCount } from '../../ui/text/count.ts';

interface Props {
  readonly queueIds: readonly string[];
  readonly slots?: number;
  readonly isOver?: boolean;
}

export function OccupyingCalls({ queueIds, slots, isOver = false }: Props) {
  const businessId = useBusinessId();
  const more = slots === undefined ? 0 : slots - queueIds.length;
  const isOne = queueIds.length === 1 && more === 0;
  return (
    <p className="break-words text-ink-soft">
      {isOne ? `The slot ${isOver ? 'was' : 'is'}` : `The slots ${isOver ? 'were' : 'are'}`}{' '}
      occupied by
      {isOne ? ' ' : ' (oldest first) '}
      {queueIds.map((queueId, index) => (
        <Fragment key={queueId}>
          {index > 0 && ', '}
          <Link {...callLink(businessId, false, queueId)} className="underline underline-offset-2">
            <bdi>{queueId}</bdi>
          </Link>
        </Fragment>
      ))}
      {more > 0 && ` and ${formatCount(more)} more`}.{' '}
      {!isOver && `If ${isOne ? 'it' : 'one'} is stuck, open and cancel it.`}
    </p>
  );
}
