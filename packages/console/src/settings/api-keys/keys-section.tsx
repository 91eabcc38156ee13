import { KeyRound, Plus } from 'lucide-react';
import { useState } from 'react';
import { type ItemOf, useList } from '../../api/use-list.ts';
import { useChange } from '../../api/use-op.ts';
import { useBusinessId, useMay } from '../../app-shell/business.ts';
import { Badge } from '../../ui/badge.tsx';
import { Button } from '../../ui/button.tsx';
import { Empty } from '../../ui/notice.tsx';
import { Confirm } from '../../ui/overlays/confirm.tsx';
import { Card, Page } from '../../ui/page.tsx';
import { Time, useNow } from '../../ui/text/time.tsx';
import { describePermissions } from '../people/roles.ts';
import { Row, Rows, Small } from '../rows.tsx';
import { NewKey } from './new-key.tsx';

type ApiKey = ItemOf<'GetBusinessApiKeys'>;

export function KeysSection() {
  const businessId = useBusinessId();
  const may = useMay();
  const list = useList('GetBusinessApiKeys', { businessId, Limit: 50 });
  const [isCreating, setCreating] = useState(false);
  const [showsRevoked, setShowsRevoked] = useState(false);
  const revoked = list.items?.filter(({ RevokedAt }) => RevokedAt !== null).length ?? 0;
  const visibleList = {
    ...list,
    items: list.items?.filter(({ RevokedAt }) => showsRevoked || RevokedAt === null) ?? null,
  };
  return (
    <Page
      title="API keys"
      lead="For programs that use this business: voice agents, workers and scripts."
      actions={
        may('People', 'Adding') && (
          <Button look="primary" onClick={() => setCreating(true)}>
            <Plus aria-hidden size={14} /> New key
          </Button>
        )
      }
    >
      <Card
        title="Keys of this business"
        lead="A key never has more permissions than the role of its user."
        actions={
          revoked > 0 && (
            <label className="flex min-h-6 items-center gap-2">
              <input
                type="checkbox"
                className="size-4 accent-accent"
                checked={showsRevoked}
                onChange={({ target }) => setShowsRevoked(target.checked)}
              />
              Show revoked ({revoked})
            </label>
          )
        }
      >
        <Rows
          label="API keys"
          list={visibleList}
          empty={
            <Empty icon={KeyRound} title={revoked > 0 ? 'No active keys' : 'No keys yet'}>
              Create one per program, so that each can be revoked separately.
            </Empty>
          }
        >
          {(key) => <KeyRow key={key.ApiKeyId} apiKey={key} />}
        </Rows>
      </Card>
      {isCreating && <NewKey onClose={() => setCreating(false)} />}
    </Page>
  );
}

function KeyRow({ apiKey }: { readonly apiKey: ApiKey }) {
  const businessId = useBusinessId();
  const may = useMay();
  const [isConfirming, setConfirming] = useState(false);
  const revoke = useChange('RevokeBusinessApiKey', ['GetBusinessApiKeys']);
  const now = useNow();
  const hasExpired = apiKey.ExpiresAt !== null && Date.parse(apiKey.ExpiresAt) < now;
  return (
    <Row
      actions={
        may('People', 'Deleting') &&
        apiKey.RevokedAt === null && (
          <Button
            look="danger"
            aria-label={`Revoke ${apiKey.Name}`}
            onClick={() => setConfirming(true)}
          >
            Revoke
          </Button>
        )
      }
    >
      <p className="flex flex-wrap items-center gap-2">
        <span className="min-w-0 font-medium break-words" dir="auto">
          {apiKey.Name}
        </span>
        {apiKey.RevokedAt !== null && <Badge tone="bad">Revoked</Badge>}
        {apiKey.RevokedAt === null && hasExpired && <Badge tone="warn">Expired</Badge>}
      </p>
      <ul className="text-ink-soft">
        {describePermissions(apiKey.Permissions).map((line) => (
          <li key={line}>{line}</li>
        ))}
      </ul>
      <Small
        parts={[
          <>of {apiKey.UserName}</>,
          <>
            created <Time at={apiKey.CreatedAt} />
          </>,
          apiKey.ExpiresAt === null ? (
            'does not expire'
          ) : (
            <>
              {hasExpired ? 'expired' : 'expires'} <Time at={apiKey.ExpiresAt} />
            </>
          ),
          apiKey.RevokedAt !== null && (
            <>
              revoked <Time at={apiKey.RevokedAt} />
            </>
          ),
          <>id {apiKey.ApiKeyId}</>,
        ]}
      />
      <Confirm
        title={`Revoke ${apiKey.Name}?`}
        action="Revoke key"
        isOpen={isConfirming}
        isBusy={revoke.isPending}
        error={revoke.error}
        onConfirm={() =>
          revoke.mutate(
            { businessId, apiKeyId: apiKey.ApiKeyId },
            { onSuccess: () => setConfirming(false) },
          )
        }
        onClose={() => setConfirming(false)}
      >
        Programs that use it are refused from their next request. This cannot be undone.
      </Confirm>
    </Row>
  );
}
