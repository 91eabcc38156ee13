import { KeyRound, Plus } from 'lucide-react';
import { useState } from 'react';
import { type ItemOf, useList } from '../../api/use-list.ts';
import { useChange } from '../../api/use-op.ts';
import { useBusinessId, useMay } from '../../app-shell/business.ts';
import { Badge } from '../../ui/badge.tsx';
import { Button } from '../../ui/button.tsx';
import { Check } from '../../ui/forms/check.tsx';
import { Empty } from '../../ui/notice.tsx';
import { ConfirmButton } from '../../ui/overlays/confirm.tsx';
import { Card, Page } from '../../ui/page.tsx';
import { useNow } from '../../ui/text/time.tsx';
import { describePermissions } from '../people/roles.ts';
import { dated, Row, Rows, Small } from '../rows.tsx';
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
          <Button icon={Plus} text="New key" look="primary" onClick={() => setCreating(true)} />
        )
      }
    >
      <Card
        title="Keys of this business"
        lead="A key never has more permissions than the role of its user."
        actions={
          revoked > 0 && (
            <Check checked={showsRevoked} onCheck={setShowsRevoked}>
              Show revoked ({revoked})
            </Check>
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
  const revoke = useChange('RevokeBusinessApiKey', ['GetBusinessApiKeys']);
  const now = useNow();
  const hasExpired = apiKey.ExpiresAt !== null && Date.parse(apiKey.ExpiresAt) < now;
  return (
    <Row
      actions={
        may('People', 'Deleting') &&
        apiKey.RevokedAt === null && (
          <ConfirmButton
            text="Revoke"
            label={`Revoke ${apiKey.Name}`}
            title={`Revoke ${apiKey.Name}?`}
            action="Revoke key"
            change={revoke}
            input={{ businessId, apiKeyId: apiKey.ApiKeyId }}
          >
            Programs that use it are refused from their next request. This cannot be undone.
          </ConfirmButton>
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
          dated('created', apiKey.CreatedAt),
          apiKey.ExpiresAt === null
            ? 'does not expire'
            : dated(hasExpired ? 'expired' : 'expires', apiKey.ExpiresAt),
          dated('revoked', apiKey.RevokedAt),
          <>id {apiKey.ApiKeyId}</>,
        ]}
      />
    </Row>
  );
}
