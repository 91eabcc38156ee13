import { Link, useNavigate, useParams } from '@tanstack/react-router';
import { Cable, Plus } from 'lucide-react';
import { useState } from 'react';
import { useList } from '../../api/use-list.ts';
import { useBusinessId, useMay } from '../../app-shell/business.ts';
import { connectionLink } from '../../app-shell/links.ts';
import { Button } from '../../ui/button.tsx';
import { Empty } from '../../ui/notice.tsx';
import { Card, Page } from '../../ui/page.tsx';
import { PeopleNames } from '../people/people-names.tsx';
import { ReadOnly } from '../read-only.tsx';
import { dated, Row, Rows, Small } from '../rows.tsx';
import { type Connection, failureText, REFRESH_MILLISECONDS, useFailures } from './connection.ts';
import { ConnectionBadges } from './connection-badges.tsx';
import { ConnectionPage } from './connection-page.tsx';
import { NewConnection } from './new-connection.tsx';

export function ConnectionsSection() {
  const { connectionId } = useParams({ strict: false });
  return connectionId === undefined ? (
    <ConnectionList />
  ) : (
    <ConnectionPage key={connectionId} connectionId={connectionId} />
  );
}

function ConnectionList() {
  const businessId = useBusinessId();
  const mayChange = useMay()('Settings', 'Editing');
  const navigate = useNavigate();
  const list = useList(
    'GetConnections',
    { businessId },
    { refetchInterval: () => REFRESH_MILLISECONDS },
  );
  const [isCreating, setCreating] = useState(false);
  return (
    <Page
      title="Connections"
      lead="Other engines whose calls become conversations of this business."
      actions={
        mayChange && (
          <Button
            icon={Plus}
            text="New connection"
            look="primary"
            onClick={() => setCreating(true)}
          />
        )
      }
    >
      {!mayChange && <ReadOnly />}
      <Card title="Connections of this business">
        <PeopleNames>
          <Rows
            label="Connections"
            list={list}
            empty={
              <Empty icon={Cable} title="No connections yet">
                Create one to take in the calls of another engine, such as Vapi or Retell, by the
                webhooks that it sends.
              </Empty>
            }
          >
            {(connection) => (
              <ConnectionRow key={connection.ConnectionId} connection={connection} />
            )}
          </Rows>
        </PeopleNames>
      </Card>
      {isCreating && (
        <NewConnection
          onClose={() => setCreating(false)}
          onCreated={(id) => void navigate(connectionLink(businessId, id))}
        />
      )}
    </Page>
  );
}

function ConnectionRow({ connection }: { readonly connection: Connection }) {
  const businessId = useBusinessId();
  const { ConnectionId, Name, LastReceivedAt, CreatedAt, CreatedBy } = connection;
  const failures = useFailures(ConnectionId);
  return (
    <Row>
      <p className="flex flex-wrap items-center gap-2">
        <Link
          {...connectionLink(businessId, ConnectionId)}
          className="min-w-0 leading-6 font-medium wrap-anywhere text-accent underline underline-offset-2"
          dir="auto"
        >
          {Name}
        </Link>
        <ConnectionBadges connection={connection} failures={failures} />
      </p>
      {failures > 0 && <p className="text-bad">{failureText(failures)}</p>}
      <Small
        parts={[dated('last request', LastReceivedAt), dated('created', CreatedAt, CreatedBy)]}
      />
    </Row>
  );
}
