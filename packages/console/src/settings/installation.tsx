import { Link } from '@tanstack/react-router';
import { Plus } from 'lucide-react';
import { useId, useState } from 'react';
import { type ItemOf, useList } from '../api/use-list.ts';
import { useChange } from '../api/use-op.ts';
import { useBusinessId } from '../app-shell/business.ts';
import { sectionLink } from '../app-shell/links.ts';
import { NewBusiness } from '../app-shell/new-business.tsx';
import { Badge } from '../ui/badge.tsx';
import { Button, buttonClass } from '../ui/button.tsx';
import { Failure } from '../ui/notice.tsx';
import { Confirm } from '../ui/overlays/confirm.tsx';
import { Dialog } from '../ui/overlays/dialog.tsx';
import { Card } from '../ui/page.tsx';
import { InstallationUsers } from './people/installation-users.tsx';
import { dated, Row, Rows, Small } from './rows.tsx';

type Business = ItemOf<'ListBusinesses'>;

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
  const [isCreating, setCreating] = useState(false);
  return (
    <Card
      title="All businesses"
      lead="Including those you are not a member of."
      actions={<Button icon={Plus} text="New business" onClick={() => setCreating(true)} />}
    >
      <Rows label="All businesses" list={list} empty={null}>
        {(business) => <BusinessRow key={business.BusinessId} business={business} />}
      </Rows>
      <Dialog title="New business" isOpen={isCreating} onClose={() => setCreating(false)}>
        <NewBusiness />
      </Dialog>
    </Card>
  );
}

function BusinessRow({ business }: { readonly business: Business }) {
  const isHere = business.BusinessId === useBusinessId();
  const [question, setQuestion] = useState<'disable' | 'editing' | null>(null);
  const update = useChange('UpdateBusiness', ['ListBusinesses', 'GetMyBusinesses', 'GetBusiness']);
  const change = (changes: Changes) =>
    update.mutate(
      { businessId: business.BusinessId, ...changes },
      { onSuccess: () => setQuestion(null) },
    );
  const confirmation = { change: update, onClose: () => setQuestion(null) };
  return (
    <Row
      actions={
        isHere ? (
          <span className="text-xs text-ink-faint">The business of this page</span>
        ) : (
          <BusinessActions
            business={business}
            isBusy={update.isPending}
            onChange={change}
            onQuestion={setQuestion}
          />
        )
      }
    >
      <BusinessTitle business={business} />
      <Small
        parts={[
          business.BusinessId,
          business.TimeZone ?? 'no time zone',
          dated('created', business.CreatedAt),
        ]}
      />
      {update.error && question === null && <Failure error={update.error} />}
      <Confirm
        title={`Disable ${business.Name}?`}
        action="Disable business"
        isOpen={question === 'disable'}
        onConfirm={() => change({ IsDisabled: true })}
        {...confirmation}
      >
        Users, API keys and workers cannot use it until it is enabled again. Its data is kept, and
        its retention rules stay active.
      </Confirm>
      <Confirm
        title={`Switch editing off for ${business.Name}?`}
        action="Switch off"
        isOpen={question === 'editing'}
        onConfirm={() => change({ IsEditingEnabled: false })}
        {...confirmation}
      >
        Every request of users, API keys and workers is refused with “editing is switched off”,
        reads included, until it is switched on again; for example during a migration. Its data is
        kept.
      </Confirm>
    </Row>
  );
}

interface Changes {
  readonly IsDisabled?: boolean;
  readonly IsEditingEnabled?: boolean;
}

const isUsable = ({ IsDisabled, IsEditingEnabled }: Business) => !IsDisabled && IsEditingEnabled;

interface Props {
  readonly business: Business;
  readonly isBusy: boolean;
  readonly onChange: (changes: Changes) => void;
  readonly onQuestion: (question: 'disable' | 'editing') => void;
}

function BusinessActions({ business, isBusy, onChange, onQuestion }: Props) {
  return (
    <>
      {isUsable(business) && (
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
        <Button onClick={() => onQuestion('editing')}>Switch editing off</Button>
      ) : (
        <Button isBusy={isBusy} onClick={() => onChange({ IsEditingEnabled: true })}>
          Switch editing on
        </Button>
      )}
      {business.IsDisabled ? (
        <Button text="Enable" isBusy={isBusy} onClick={() => onChange({ IsDisabled: false })} />
      ) : (
        <Button text="Disable" look="danger" onClick={() => onQuestion('disable')} />
      )}
    </>
  );
}

function BusinessTitle({ business }: { readonly business: Business }) {
  return (
    <p className="flex flex-wrap items-center gap-2">
      {isUsable(business) ? (
        <Link
          {...sectionLink(business.BusinessId, 'business')}
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
  );
}
