import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { FileCheck2, UserRoundX } from 'lucide-react';
import { useState } from 'react';
import { type ItemOf, useList } from '../../api/use-list.ts';
import { useBusiness, useBusinessId, useMay } from '../../app-shell/business.ts';
import { Badge, type Tone } from '../../ui/badge.tsx';
import { Button } from '../../ui/button.tsx';
import { Empty } from '../../ui/notice.tsx';
import { Card, Page } from '../../ui/page.tsx';
import { pluralize } from '../../ui/text/count.ts';
import { Time } from '../../ui/text/time.tsx';
import { PeopleNames, Person } from '../people/people-names.tsx';
import { ReadOnly } from '../read-only.tsx';
import { Row, Rows, Small } from '../rows.tsx';
import { CertificateDialog } from './certificate.tsx';
import { describeMentions } from './mention-counts.ts';
import { NewErasure } from './new-erasure.tsx';

export type Erasure = ItemOf<'GetErasures'>;

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
          <Button look="danger" onClick={() => setCreating(true)}>
            <UserRoundX aria-hidden size={14} /> Erase a person
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
            {(erasure) => (
              <ErasureRow
                key={erasure.ErasureId}
                erasure={erasure}
                onShow={() => show(erasure.ErasureId)}
              />
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

const TONES: Readonly<Record<Erasure['Status'], Tone>> = {
  Running: 'info',
  Completed: 'good',
  Blocked: 'bad',
};
const STATUS_WORDS: Readonly<Record<Erasure['Status'], string>> = {
  Running: 'In progress',
  Completed: 'Done',
  Blocked: 'Blocked by a hold',
};

function ErasureRow({
  erasure,
  onShow,
}: {
  readonly erasure: Erasure;
  readonly onShow: () => void;
}) {
  const { ErasureId, Status, Mode, Reason, Holds } = erasure;
  return (
    <Row
      actions={
        erasure.Certificate !== null && (
          <Button onClick={onShow} aria-label={`Certificate of ${ErasureId}`}>
            <FileCheck2 aria-hidden size={14} /> Certificate
          </Button>
        )
      }
    >
      <p className="flex flex-wrap items-center gap-2">
        <span className="min-w-0 font-medium break-words" dir="auto">
          {Reason}
        </span>
        <Badge tone={TONES[Status]} isLive={Status === 'Running'}>
          {STATUS_WORDS[Status]}
        </Badge>
        <Badge>{Mode === 'Erase' ? 'Erasure' : 'Anonymisation'}</Badge>
      </p>
      {Status !== 'Blocked' && <p className="text-ink-soft">{countsText(erasure)}</p>}
      {Holds.length > 0 && <InTheWay holds={Holds} />}
      <Small
        parts={[
          <>
            requested <Time at={erasure.RequestedAt} /> by <Person id={erasure.RequestedBy} />
          </>,
          erasure.CompletedAt !== null && (
            <>
              ended <Time at={erasure.CompletedAt} />
            </>
          ),
          <>id {ErasureId}</>,
        ]}
      />
    </Row>
  );
}

function countsText({ Counts, Mentions }: Erasure): string {
  return [
    pluralize(Counts.Conversations, 'conversation', 'conversations'),
    pluralize(Counts.Recordings, 'recording', 'recordings'),
    pluralize(Counts.QueueEntries, 'queued call', 'queued calls'),
    ...(Mentions ? [`number ${describeMentions(Mentions)}`] : []),
  ].join(', ');
}

function InTheWay({ holds }: { readonly holds: Erasure['Holds'] }) {
  const businessId = useBusinessId();
  return (
    <p className="text-bad">
      Nothing was erased because of the legal hold{' '}
      <Link
        to="/b/$businessId/settings/$section"
        params={{ businessId, section: 'holds' }}
        className="underline underline-offset-2"
        dir="auto"
      >
        {holds.map(({ Name }) => Name).join(', ')}
      </Link>
      . Try again when it is lifted.
    </p>
  );
}
