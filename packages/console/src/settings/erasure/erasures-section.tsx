import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { FileCheck2, UserRoundX } from 'lucide-react';
import { useState } from 'react';
import { type ItemOf, useList } from '../../api/use-list.ts';
import { useBusiness, useBusinessId, useMay } from '../../app-shell/business.ts';
import { sectionLink } from '../../app-shell/links.ts';
import { Badge } from '../../ui/badge.tsx';
import { Button } from '../../ui/button.tsx';
import { Empty } from '../../ui/notice.tsx';
import { Card, Page } from '../../ui/page.tsx';
import { PeopleNames } from '../people/people-names.tsx';
import { ReadOnly } from '../read-only.tsx';
import { dated, Row, Rows, Small } from '../rows.tsx';
import { CertificateDialog } from './certificate.tsx';
import { describeCounts, describeMentions } from './mention-counts.ts';
import { NewErasure } from './new-erasure.tsx';

type Erasure = ItemOf<'GetErasures'>;

const REFRESH_MILLISECONDS = 2_000;

export function ErasuresSection() {
  const businessId = useBusinessId();
  const { Role } = useBusiness();
  const mayErase = useMay()('Settings', 'Editing') && Role === 'Owner';
  const { erasure: openId } = useSearch({ from: '/inside/b/$businessId/settings/$section' });
  const navigate = useNavigate({ from: '/b/$businessId/settings/$section' });
  const show = (erasure: string | undefined) => void navigate({ search: { erasure } });
  const [isCreating, setCreating] = useState(false);
  const list = useList(
    'GetErasures',
    { businessId, Limit: 50 },
    {
      refetchInterval: (items) =>
        items.some(({ Status }) => Status === 'Running') && REFRESH_MILLISECONDS,
    },
  );
  return (
    <Page
      title="Erasures"
      lead="Persons erased from conversations, recordings and queues, each with a signed certificate."
      actions={
        mayErase && (
          <Button icon={UserRoundX} look="danger" onClick={() => setCreating(true)}>
            Erase a person
          </Button>
        )
      }
    >
      {!mayErase && <ReadOnly who="Owners" verb="erase someone" />}
      <Card title="Past erasures">
        <PeopleNames>
          <Rows
            label="Erasures"
            list={list}
            empty={
              <Empty icon={UserRoundX} title="Nobody has been erased">
                When someone asks to be forgotten, an Owner of the business can erase them here.
              </Empty>
            }
          >
            {(one) => (
              <ErasureRow key={one.ErasureId} erasure={one} onShow={() => show(one.ErasureId)} />
            )}
          </Rows>
        </PeopleNames>
      </Card>
      {openId !== undefined && (
        <CertificateDialog erasureId={openId} onClose={() => show(undefined)} />
      )}
      {isCreating && <NewErasure onClose={() => setCreating(false)} />}
    </Page>
  );
}

const STATUSES = {
  Running: { text: 'In progress', tone: 'info' },
  Completed: { text: 'Done', tone: 'good' },
  Blocked: { text: 'Blocked by a hold', tone: 'bad' },
} as const;

interface Props {
  readonly erasure: Erasure;
  readonly onShow: () => void;
}

function ErasureRow({ erasure, onShow }: Props) {
  const { ErasureId, Status, Mode, Reason, Holds } = erasure;
  return (
    <Row
      actions={
        erasure.Certificate !== null && (
          <Button icon={FileCheck2} onClick={onShow} aria-label={`Certificate of ${ErasureId}`}>
            Certificate
          </Button>
        )
      }
    >
      <p className="flex flex-wrap items-center gap-2">
        <span className="min-w-0 font-medium break-words" dir="auto">
          {Reason}
        </span>
        <Badge tone={STATUSES[Status].tone} isLive={Status === 'Running'}>
          {STATUSES[Status].text}
        </Badge>
        <Badge>{Mode === 'Erase' ? 'Erasure' : 'Anonymisation'}</Badge>
      </p>
      {Status !== 'Blocked' && <p className="text-ink-soft">{countsText(erasure)}</p>}
      {Holds.length > 0 && <InTheWay holds={Holds} />}
      <Small
        parts={[
          dated('requested', erasure.RequestedAt, erasure.RequestedBy),
          dated('ended', erasure.CompletedAt),
          <>id {ErasureId}</>,
        ]}
      />
    </Row>
  );
}

const countsText = ({ Counts, Mentions }: Erasure): string =>
  `${describeCounts(Counts)}${Mentions ? `, number ${describeMentions(Mentions)}` : ''}`;

function InTheWay({ holds }: { readonly holds: Erasure['Holds'] }) {
  const businessId = useBusinessId();
  return (
    <p className="text-bad">
      Nothing was erased because of the legal hold{' '}
      <Link
        {...sectionLink(businessId, 'holds')}
        className="underline underline-offset-2"
        dir="auto"
      >
        {holds.map(({ Name }) => Name).join(', ')}
      </Link>
      . Try again when it is lifted.
    </p>
  );
}
