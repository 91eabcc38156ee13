import { Suspense, useState } from 'react';
import { useChange } from '../api/use-op.ts';
import { useBusiness, useMay } from '../app-shell/business.ts';
import { useSession } from '../session/session.ts';
import { Badge } from '../ui/badge.tsx';
import { lazyPart } from '../ui/browser/lazy-part.ts';
import { Button } from '../ui/button.tsx';
import { CopyButton } from '../ui/copy-button.tsx';
import { Field } from '../ui/forms/field.tsx';
import { Form } from '../ui/forms/form.tsx';
import { Failure, Loading } from '../ui/notice.tsx';
import { Card, Page } from '../ui/page.tsx';
import { Time } from '../ui/text/time.tsx';
import { BackfillsCard } from './backfills-card.tsx';
import { PeopleNames, Person } from './people/people-names.tsx';
import { ROLE_WORDS } from './people/roles.ts';
import { ReadOnly } from './read-only.tsx';
import { TimeZoneField } from './time-zone-field.tsx';

const Installation = lazyPart(() => import('./installation.tsx'), 'Installation');

export function BusinessSection() {
  const { User: user } = useSession();
  const maySee = useMay()('Settings', 'Retrieving');
  return (
    <Page title="Business" lead="Name and time zone.">
      <BusinessForm />
      <BusinessFacts />
      {maySee && <BackfillsCard />}
      {user.IsAdmin && (
        <Suspense fallback={<Loading />}>
          <Installation />
        </Suspense>
      )}
    </Page>
  );
}

function BusinessForm() {
  const business = useBusiness();
  const mayChange = useMay()('Settings', 'Editing');
  /** null: unchanged. */
  const [givenName, setName] = useState<string | null>(null);
  const [givenZone, setZone] = useState<string | null>(null);
  const name = givenName ?? business.Name;
  const zone = givenZone ?? business.TimeZone ?? '';
  const change = useChange('PatchBusiness', ['GetBusiness', 'GetMyBusinesses', 'ListBusinesses']);
  const isSame = name === business.Name && zone === (business.TimeZone ?? '');
  const onSubmit = () =>
    change.mutate(
      {
        businessId: business.BusinessId,
        Name: name,
        ...(zone.trim() !== '' && { TimeZone: zone.trim() }),
      },
      {
        onSuccess: () => {
          setName(null);
          setZone(null);
        },
      },
    );
  return (
    <Card title="Name and time zone">
      {!mayChange && (
        <div className="mb-3">
          <ReadOnly />
        </div>
      )}
      <Form onSubmit={onSubmit} className="flex max-w-xl flex-col gap-3">
        <Field
          label="Name"
          dir="auto"
          value={name}
          onText={setName}
          maxLength={1024}
          disabled={!mayChange}
          required
        />
        <TimeZoneField
          value={zone}
          onChange={setZone}
          disabled={!mayChange}
          // A time zone can be changed, but not removed.
          required={business.TimeZone !== null}
        />
        {change.error && <Failure error={change.error} />}
        {mayChange && (
          <div className="flex items-center gap-3">
            <Button type="submit" look="primary" isBusy={change.isPending} disabled={isSame}>
              Save
            </Button>
            <span role="status">{change.isSuccess && isSame && 'Saved.'}</span>
          </div>
        )}
      </Form>
    </Card>
  );
}

function BusinessFacts() {
  const { BusinessId, Role, CreatedAt, OwnerUserId } = useBusiness();
  return (
    <Card title="Details">
      <dl className="grid grid-cols-1 gap-x-6 gap-y-2 sm:grid-cols-[auto_1fr] [&_dt]:text-ink-faint">
        <dt>Business ID</dt>
        <dd className="flex flex-wrap items-center gap-2">
          <span className="font-mono">{BusinessId}</span>
          <CopyButton text={String(BusinessId)} look="quiet" aria-label="Copy the business ID" />
        </dd>
        <dt>Your role</dt>
        <dd>
          <Badge tone="accent">{Role}</Badge>{' '}
          <span className="text-ink-soft">{ROLE_WORDS[Role]}</span>
        </dd>
        <dt>Created</dt>
        <dd>
          <Time at={CreatedAt} />
        </dd>
        {OwnerUserId !== null && (
          <>
            <dt>Belongs to</dt>
            <dd>
              <PeopleNames>
                <Person id={OwnerUserId} />
              </PeopleNames>
            </dd>
          </>
        )}
      </dl>
    </Card>
  );
}
