import { Link } from '@tanstack/react-router';
import { Fragment } from 'react';
import { useBusinessId } from '../frame/business.ts';

/** The calls under way that occupy the slots of a campaign, as links: one that is stuck can be ended there. */
export function OccupyingCalls({ queueIds }: { readonly queueIds: readonly string[] }) {
  const businessId = useBusinessId();
  return (
    <p className="break-words text-ink-soft">
      Slots are occupied by{' '}
      {queueIds.map((queueId, index) => (
        <Fragment key={queueId}>
          {index > 0 && ', '}
          <Link
            to="/b/$businessId/outbound/$queueId"
            params={{ businessId, queueId }}
            className="underline underline-offset-2"
          >
            <bdi>{queueId}</bdi>
          </Link>
        </Fragment>
      ))}
      .
    </p>
  );
}
