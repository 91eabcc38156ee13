import { Link } from '@tanstack/react-router';
import { Lock, Plus } from 'lucide-react';
import { Fragment, useState } from 'react';
import { type ItemOf, useList } from '../../api/use-list.ts';
import { useChange } from '../../api/use-op.ts';
import { useBusinessId, useMay } from '../../app-shell/business.ts';
import { conversationLink } from '../../app-shell/links.ts';
import { Badge } from '../../ui/badge.tsx';
import { Button } from '../../ui/button.tsx';
import { Empty } from '../../ui/notice.tsx';
import { ConfirmButton } from '../../ui/overlays/confirm.tsx';
import { Card, Page } from '../../ui/page.tsx';
import { formatCount, pluralize } from '../../ui/text/count.ts';
import { PeopleNames } from '../people/people-names.tsx';
import { ReadOnly } from '../read-only.tsx';
import { dated, Row, Rows, Small } from '../rows.tsx';
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
          <Button icon={Plus} text="New hold" look="primary" onClick={() => setCreating(true)} />
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
  const lift = useChange('LiftHold', ['GetHolds']);
  return (
    <Row
      actions={
        mayChange &&
        hold.LiftedAt === null && (
          <ConfirmButton
            text="Lift"
            label={`Lift ${hold.Name}`}
            title={`Lift ${hold.Name}?`}
            action="Lift hold"
            change={lift}
            input={{ businessId, holdId: hold.HoldId }}
          >
            Data that has expired in the meantime is deleted within minutes unless another hold
            covers it. This cannot be undone. Who lifted the hold, and when, stays in this list and
            in the audit log.
          </ConfirmButton>
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
          dated('created', hold.CreatedAt, hold.CreatedBy),
          dated('lifted', hold.LiftedAt, hold.LiftedBy),
          <>id {hold.HoldId}</>,
        ]}
      />
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

interface Props {
  readonly named: Hold['Named'];
  readonly mayRead: boolean;
}

function HeldConversations({ named, mayRead }: Props) {
  const businessId = useBusinessId();
  if (named === null) return <p>Conversations selected by id.</p>;
  const others = named.Count - named.SessionIds.length;
  return (
    <p className="break-words">
      {pluralize(named.Count, 'conversation')}:{' '}
      {named.SessionIds.map((sessionId, at) => (
        <Fragment key={sessionId}>
          {at > 0 && ', '}
          {mayRead ? (
            <Link
              {...conversationLink(businessId, sessionId)}
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
