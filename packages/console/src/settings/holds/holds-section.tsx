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
import { countOf, countText } from '../../ui/text/count.ts';
import { Time } from '../../ui/text/time.tsx';
import { PeopleNames, Person } from '../people/people-names.tsx';
import { ReadOnly } from '../read-only.tsx';
import { Row, Rows, Small } from '../rows.tsx';
import { filterText, searchOf } from './hold-filter.ts';
import { NewHold } from './new-hold.tsx';

type Hold = ItemOf<'GetHolds'>;

/** What is kept as it is, whatever the rules of retention say. */
export function HoldsSection() {
  const businessId = useBusinessId();
  const mayChange = useMay()('Settings', 'Editing');
  const list = useList('GetHolds', { businessId, Limit: 50 });
  const [isMaking, setMaking] = useState(false);
  return (
    <Page
      title="Legal holds"
      lead="Nothing under hold can be changed or deleted: not by retention, not by erasures, not by anyone."
      actions={
        mayChange && (
          <Button look="primary" onClick={() => setMaking(true)}>
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
      {isMaking && <NewHold onClose={() => setMaking(false)} />}
    </Page>
  );
}

function HoldRow({ hold }: { readonly hold: Hold }) {
  const businessId = useBusinessId();
  const mayChange = useMay()('Settings', 'Editing');
  const [asks, setAsks] = useState(false);
  const lift = useChange('LiftHold', ['GetHolds']);
  return (
    <Row
      actions={
        mayChange &&
        hold.LiftedAt === null && (
          <Button look="danger" aria-label={`Lift ${hold.Name}`} onClick={() => setAsks(true)}>
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
      <Held hold={hold} />
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
        isOpen={asks}
        isBusy={lift.isPending}
        error={lift.error}
        onConfirm={() =>
          lift.mutate({ businessId, holdId: hold.HoldId }, { onSuccess: () => setAsks(false) })
        }
        onClose={() => setAsks(false)}
      >
        Data that has expired meanwhile is deleted within minutes unless another hold covers it.
        This cannot be undone. Who lifted the hold, and when, stays in this list and in the audit
        log.
      </Confirm>
    </Row>
  );
}

/** What it holds; the list says how many that is, since reading it may leave entries in the audit log. */
function Held({ hold: { Filter, Named, LiftedAt } }: { readonly hold: Hold }) {
  const businessId = useBusinessId();
  const mayRead = useMay()('Conversations.ConversationPermissions', 'Retrieving');
  if (Filter === null) return <HeldById named={Named} mayRead={mayRead} />;
  return (
    <p className="break-words">
      {filterText(Filter)}
      {LiftedAt === null && ', including future ones'}.{' '}
      {mayRead && (
        <Link
          to="/b/$businessId/conversations"
          params={{ businessId }}
          search={searchOf(Filter)}
          className="inline-block min-h-6 text-accent underline underline-offset-2"
        >
          View conversations
        </Link>
      )}
    </p>
  );
}

/** What was named by id, each with the way to it; of a lifted hold nobody knows any more. */
function HeldById({
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
      {countOf(named.Count, 'conversation', 'conversations')}:{' '}
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
      {others > 0 && ` and ${countText(others)} more`}
    </p>
  );
}
