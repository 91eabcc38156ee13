import { Link } from '@tanstack/react-router';
import { Plus } from 'lucide-react';
import { useId, useState } from 'react';
import { type ItemOf, useList } from '../api/use-list.ts';
import { useChange } from '../api/use-op.ts';
import { useBusinessId } from '../app-shell/business.ts';
import { NewBusiness } from '../app-shell/new-business.tsx';
import { Badge } from '../ui/badge.tsx';
import { Button, buttonClass } from '../ui/button.tsx';
import { Failure } from '../ui/notice.tsx';
import { Confirm } from '../ui/overlays/confirm.tsx';
import { Dialog } from '../ui/overlays/dialog.tsx';
import { Card } from '../ui/page.tsx';
import { Time } from '../ui/text/time.tsx';
import { InstallationUsers } from './people/installation-users.tsx';
import { Row, Rows, Small } from './rows.tsx';

type Business = ItemOf<'ListBusinesses'>;

/** What only admins of the installation see: all of its businesses and users. */
export function Installation() {
  const id = useId();
  return (
    <section aria-labelledby={id} className="mt-4 flex flex-col gap-4">
      <header>
        <h2 id={id} className="text-lg font-semibold tracking-tight">
          Installation
        </h2>
        <p className="text-ink-soft">
          All businesses and users of this server. Only admins of the installation see this.
        </p>
      </header>
      <Businesses />
      <InstallationUsers />
    </section>
  );
}

function Businesses() {
  const list = useList('ListBusinesses', { Limit: 50 });
  const [isMaking, setMaking] = useState(false);
  return (
    <Card
      title="All businesses"
      lead="Including those you are not a member of."
      actions={
        <Button onClick={() => setMaking(true)}>
          <Plus aria-hidden size={14} /> New business
        </Button>
      }
    >
      <Rows label="All businesses" list={list} empty={null}>
        {(business) => <BusinessRow key={business.BusinessId} business={business} />}
      </Rows>
      <Dialog title="New business" isOpen={isMaking} onClose={() => setMaking(false)}>
        <NewBusiness />
      </Dialog>
    </Card>
  );
}

function BusinessRow({ business }: { readonly business: Business }) {
  const isHere = business.BusinessId === useBusinessId();
  const [asks, setAsks] = useState<'disable' | 'editing' | null>(null);
  const update = useChange('UpdateBusiness', ['ListBusinesses', 'GetMyBusinesses', 'GetBusiness']);
  const change = (
    changes: { IsDisabled?: boolean; IsEditingEnabled?: boolean },
    onDone?: () => void,
  ) =>
    update.mutate({ businessId: business.BusinessId, ...changes }, { onSuccess: () => onDone?.() });
  const isOpen = !business.IsDisabled && business.IsEditingEnabled;
  return (
    <Row
      actions={
        isHere ? (
          <span className="text-xs text-ink-faint">The business of this page</span>
        ) : (
          <>
            {isOpen && (
              <Link
                to="/b/$businessId/overview"
                params={{ businessId: business.BusinessId }}
                aria-label={`Open ${business.Name}`}
                className={buttonClass()}
              >
                Open
              </Link>
            )}
            {business.IsEditingEnabled ? (
              <Button onClick={() => setAsks('editing')}>Switch editing off</Button>
            ) : (
              <Button isBusy={update.isPending} onClick={() => change({ IsEditingEnabled: true })}>
                Switch editing on
              </Button>
            )}
            {business.IsDisabled ? (
              <Button isBusy={update.isPending} onClick={() => change({ IsDisabled: false })}>
                Enable
              </Button>
            ) : (
              <Button look="danger" onClick={() => setAsks('disable')}>
                Disable
              </Button>
            )}
          </>
        )
      }
    >
      <p className="flex flex-wrap items-center gap-2">
        {isOpen ? (
          <Link
            to="/b/$businessId/settings/$section"
            params={{ businessId: business.BusinessId, section: 'business' }}
            className="min-w-0 truncate font-medium hover:underline"
            dir="auto"
          >
            {business.Name}
          </Link>
        ) : (
          <span className="min-w-0 truncate font-medium" dir="auto">
            {business.Name}
          </span>
        )}
        {business.IsDisabled && <Badge tone="bad">Disabled</Badge>}
        {!business.IsEditingEnabled && <Badge tone="warn">Editing off</Badge>}
      </p>
      <Small
        parts={[
          business.BusinessId,
          business.TimeZone ?? 'no time zone',
          <>
            created <Time at={business.CreatedAt} />
          </>,
        ]}
      />
      {update.error && asks === null && <Failure error={update.error} />}
      <Confirm
        title={`Disable ${business.Name}?`}
        action="Disable business"
        isOpen={asks === 'disable'}
        isBusy={update.isPending}
        error={update.error}
        onConfirm={() => change({ IsDisabled: true }, () => setAsks(null))}
        onClose={() => setAsks(null)}
      >
        Nobody can use it until it is enabled again: no person, no key, no worker. Its data is kept,
        and its retention rules stay active.
      </Confirm>
      <Confirm
        title={`Switch editing off for ${business.Name}?`}
        action="Switch off"
        isOpen={asks === 'editing'}
        isBusy={update.isPending}
        error={update.error}
        onConfirm={() => change({ IsEditingEnabled: false }, () => setAsks(null))}
        onClose={() => setAsks(null)}
      >
        Every request of people, keys and workers is refused with “editing is switched off”, reads
        included, until it is switched on again: for a migration, say. Its data is kept.
      </Confirm>
    </Row>
  );
}
