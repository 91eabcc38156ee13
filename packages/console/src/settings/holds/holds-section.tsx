import { Link } from '@tanstack/react-router';
import { Lock, Plus } from 'lucide-react';
import { Fragment, useState } from 'react';
import { type ItemOf, useList } from '../../api/use-list.ts';
import { useChange } from '../../api/use-op.ts';
import { useBusinessId, useMay } from '../../app-shell/business.ts';
import { Badge } from '../../ui/badge.tsx';
import { Button } from '../../ui/button.tsx';
import { Empty } from '../../ui/notice.tsx';
import { Confirm } from '../../ui/overlays/confirm.tsx';
import { Card, Page } from '../../ui/page.tsx';
import { formatCount, pluralize } from '../../ui/text/count.ts';
import { Time } from '../../ui/text/time.tsx';
import { PeopleNames, Person } from '../people/people-names.tsx';
import { ReadOnly } from '../read-only.tsx';
import { Row, Rows, Small } from '../rows.tsx';
import { describeFilter, toSearch } from './hold-filter.ts';
import { NewHold } from './new-hold.tsx';

type Hold = ItemOf<'GetHolds'>;

export function HoldsSection() {
  const businessId = useBusinessId();
  const mayChange = useMay()('Settings', 'Editing');
  const list = useList('GetHolds', { businessId, Limit: 50 });
  const [isCreating, setCreating] = useState(false);
  return (
    <Page
      title="Legal holds"
      lead="Nothing under hold can be changed or deleted: not by retention, not by erasures, not by anyone."
      actions={
        mayChange && (
          <Button look="primary" onClick={() => setCreating(true)}>
            <Plus aria-hidden size={14} /> New hold
          </Button>
        )
      }
    >
      {!mayChange && <ReadOnly />}
      <Card title="Holds" lead="Including lifted holds.">
        <PeopleNames>
          <Rows
            label="Legal holds"
            list={list}
            empty={
              <Empty icon={Lock} title="Nothing is under legal hold">
                Hold conversations that a court, an authority or counsel has asked for.
              </Empty>
            }
          >
            {(hold) => <HoldRow key={hold.HoldId} hold={hold} />}
          </Rows>
        </PeopleNames>
      </Card>
      {isCreating && <NewHold onClose={() => setCreating(false)} />}
    </Page>
  );
}

function HoldRow({ hold }: { readonly hold: Hold }) {
  const businessId = useBusinessId();
  const mayChange = useMay()('Settings', 'Editing');
  const [isConfirming, setConfirming] = useState(false);
  const lift = useChange('LiftHold', ['GetHolds']);
  return (
    <Row
      actions={
        mayChange &&
        hold.LiftedAt === null && (
          <Button
            look="danger"
            aria-label={`Lift ${hold.Name}`}
            onClick={() => setConfirming(true)}
          >
            Lift
          </Button>
        )
      }
    >
      <p className="flex flex-wrap items-center gap-2">
        <span className="min-w-0 font-medium break-words" dir="auto">
          {hold.Name}
        </span>
        {hold.LiftedAt === null ? <Badge tone="info">In force</Badge> : <Badge>Lifted</Badge>}
      </p>
      <p className="break-words text-ink-soft" dir="auto">
        {hold.Reason}
      </p>
      <HoldScope hold={hold} />
      <Small
        parts={[
          <>
            created <Time at={hold.CreatedAt} /> by <Person id={hold.CreatedBy} />
          </>,
          hold.LiftedAt !== null && (
            <>
              lifted <Time at={hold.LiftedAt} />
              {hold.LiftedBy !== null && (
                <>
                  {' '}
                  by <Person id={hold.LiftedBy} />
                </>
              )}
            </>
          ),
          <>id {hold.HoldId}</>,
        ]}
      />
      <Confirm
        title={`Lift ${hold.Name}?`}
        action="Lift hold"
        isOpen={isConfirming}
        isBusy={lift.isPending}
        error={lift.error}
        onConfirm={() =>
          lift.mutate(
            { businessId, holdId: hold.HoldId },
            { onSuccess: () => setConfirming(false) },
          )
        }
        onClose={() => setConfirming(false)}
      >
        Data that has expired in the meantime is deleted within minutes unless another hold covers
        it. This cannot be undone. Who lifted the hold, and when, stays in this list and in the
        audit log.
      </Confirm>
    </Row>
  );
}

/** Without a count, because counting reads may add audit events. */
function HoldScope({ hold: { Filter, Named, LiftedAt } }: { readonly hold: Hold }) {
  const businessId = useBusinessId();
  const mayRead = useMay()('Conversations.ConversationPermissions', 'Retrieving');
  if (Filter === null) return <HeldConversations named={Named} mayRead={mayRead} />;
  return (
    <p className="break-words">
      {describeFilter(Filter)}
      {LiftedAt === null && ', including future ones'}.{' '}
      {mayRead && (
        <Link
          to="/b/$businessId/conversations"
          params={{ businessId }}
          search={toSearch(Filter)}
          className="inline-block min-h-6 text-accent underline underline-offset-2"
        >
          View conversations
        </Link>
      )}
    </p>
  );
}

/** Links to the conversations held by id. A lifted hold no longer has the ids. */
function HeldConversations({
  named,
  mayRead,
}: {
  readonly named: Hold['Named'];
  readonly mayRead: boolean;
}) {
  const businessId = useBusinessId();
  if (named === null) return <p>Conversations selected by id.</p>;
  const others = named.Count - named.SessionIds.length;
  return (
    <p className="break-words">
      {pluralize(named.Count, 'conversation', 'conversations')}:{' '}
      {named.SessionIds.map((sessionId, at) => (
        <Fragment key={sessionId}>
          {at > 0 && ', '}
          {mayRead ? (
            <Link
              to="/b/$businessId/conversations/$sessionId"
              params={{ businessId, sessionId }}
              className="break-all text-accent underline underline-offset-2"
            >
              {sessionId}
            </Link>
          ) : (
            <span className="break-all">{sessionId}</span>
          )}
        </Fragment>
      ))}
      {others > 0 && ` and ${formatCount(others)} more`}
    </p>
  );
}
