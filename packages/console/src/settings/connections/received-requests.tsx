import { useNavigate, useSearch } from '@tanstack/react-router';
import { Inbox } from 'lucide-react';
import { useList } from '../../api/use-list.ts';
import { useBusinessId } from '../../app-shell/business.ts';
import { Button } from '../../ui/button.tsx';
import { InlineSelect } from '../../ui/forms/field.tsx';
import { Empty } from '../../ui/notice.tsx';
import { Card } from '../../ui/page.tsx';
import { Rows } from '../rows.tsx';
import type { Connection, Received } from './connection.ts';
import { ReceivedRow } from './received-row.tsx';

const PAGE_SIZE = 50;
const BUSY_MILLISECONDS = 2_000;
const IDLE_MILLISECONDS = 15_000;

/** The API has no filter for those that are in a conversation. */
const STATUSES = ['Pending', 'Failed', 'Ignored', 'Paused'] as const;

export function ReceivedRequests({ connection }: { readonly connection: Connection }) {
  const businessId = useBusinessId();
  const search = useSearch({ from: '/inside/b/$businessId/settings/connections/$connectionId' });
  const navigate = useNavigate({ from: '/b/$businessId/settings/connections/$connectionId' });
  const Status = STATUSES.find((one) => one === search.status);
  const show = (status: string) =>
    void navigate({ search: status === '' ? {} : { status }, resetScroll: false });
  const list = useList(
    'GetConnectionDeliveries',
    {
      businessId,
      connectionId: connection.ConnectionId,
      Limit: PAGE_SIZE,
      ...(Status && { Status }),
    },
    { refetchInterval: restOf },
  );
  return (
    <Card
      title="Received requests"
      lead="Newest first. They are kept as long as their conversation; those in no conversation for 30 days."
      actions={
        <InlineSelect
          label="Status"
          value={Status ?? ''}
          of={[['', 'Any'], ...STATUSES.map((one) => [one, one] as const)]}
          onText={show}
        />
      }
    >
      <Rows
        label="Received requests"
        list={list}
        empty={
          <Empty icon={Inbox} title={Status ? 'No matching requests' : 'Nothing received yet'}>
            {Status ? (
              <Button onClick={() => show('')}>Clear the filter</Button>
            ) : (
              'Each request is shown here with the conversation that it became. Make a test call to try the connection.'
            )}
          </Empty>
        }
      >
        {(received) => (
          <ReceivedRow key={received.DeliveryId} connection={connection} received={received} />
        )}
      </Rows>
    </Card>
  );
}

/** Further pages are not read again. */
function restOf(items: readonly Received[]): number | false {
  if (items.length > PAGE_SIZE) return false;
  const isBusy = items.some(({ Status }) => Status === 'Pending');
  return isBusy ? BUSY_MILLISECONDS : IDLE_MILLISECONDS;
}
