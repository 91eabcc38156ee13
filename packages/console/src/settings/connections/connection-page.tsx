import { Link } from '@tanstack/react-router';
import { ArrowLeft, FileX, TriangleAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import { hasReason } from '../../api/failure.ts';
import { useOp } from '../../api/use-op.ts';
import { visibleData } from '../../api/visible-data.ts';
import { useBusinessId, useMay } from '../../app-shell/business.ts';
import { connectionLink, sectionLink } from '../../app-shell/links.ts';
import { buttonClass } from '../../ui/button.tsx';
import { Empty, Failure, Loading } from '../../ui/notice.tsx';
import { Card, Page } from '../../ui/page.tsx';
import { pluralize } from '../../ui/text/count.ts';
import { ReadOnly } from '../read-only.tsx';
import { type Connection, failureText, REFRESH_MILLISECONDS, useFailures } from './connection.ts';
import { ConnectionBadges } from './connection-badges.tsx';
import { ConnectionSettings } from './connection-settings.tsx';
import { ReceivedRequests } from './received-requests.tsx';
import { SetUp } from './set-up.tsx';

export function ConnectionPage({ connectionId }: { readonly connectionId: string }) {
  const businessId = useBusinessId();
  const read = useOp(
    'GetConnection',
    { businessId, connectionId },
    { refetchInterval: REFRESH_MILLISECONDS },
  );
  const connection = visibleData(read);
  const { error, refetch } = read;
  const isGone = hasReason(error, 'NOT_FOUND');
  const failure = error && !isGone && <Failure error={error} onRetry={() => void refetch()} />;
  const back = (
    <Link {...sectionLink(businessId, 'connections')} className={buttonClass('quiet')}>
      <ArrowLeft aria-hidden size={15} className="rtl:-scale-x-100" /> All connections
    </Link>
  );
  if (!connection) {
    return (
      <Page title="Connection" actions={back}>
        {failure}
        {isGone && <Empty icon={FileX} title="No such connection" />}
        {!error && <Loading />}
      </Page>
    );
  }
  return <Shown {...{ connection, back, failure }} />;
}

interface ShownProps {
  readonly connection: Connection;
  readonly back: ReactNode;
  readonly failure: ReactNode;
}

function Shown({ connection, back, failure }: ShownProps) {
  const mayChange = useMay()('Settings', 'Editing');
  const { ConnectionId, Name } = connection;
  const failures = useFailures(ConnectionId);
  return (
    <Page
      title={Name}
      lead={
        <span className="flex flex-wrap items-center gap-2">
          <ConnectionBadges connection={connection} failures={failures} />
          <span className="font-mono text-xs break-all">{ConnectionId}</span>
        </span>
      }
      actions={back}
    >
      {failure}
      {failures > 0 && <FailureBanner connectionId={ConnectionId} failures={failures} />}
      {!mayChange && <ReadOnly />}
      <SetUp connection={connection} />
      <ConnectionSettings connection={connection} />
      <UnknownEndReasons connection={connection} />
      <ReceivedRequests connection={connection} />
    </Page>
  );
}

interface BannerProps {
  readonly connectionId: string;
  readonly failures: number;
}

function FailureBanner({ connectionId, failures }: BannerProps) {
  const businessId = useBusinessId();
  return (
    <div className="flex flex-wrap items-center gap-x-4 gap-y-2 rounded-lg border border-warn/40 bg-warn-soft px-3 py-2 text-warn">
      <p className="flex min-w-0 flex-1 basis-64 items-start gap-2">
        <TriangleAlert aria-hidden size={16} className="mt-0.5 shrink-0" />
        <span>
          <span className="font-medium">{failureText(failures)}.</span> Their data is missing in the
          conversations.
        </span>
      </p>
      <Link
        {...connectionLink(businessId, connectionId)}
        search={{ status: 'Failed' }}
        resetScroll={false}
        className={buttonClass()}
      >
        Show them
      </Link>
    </div>
  );
}

function UnknownEndReasons({ connection }: { readonly connection: Connection }) {
  const reasons = connection.UnknownEndReasons;
  if (reasons.length === 0) return null;
  return (
    <Card
      title="Unknown end reasons"
      lead="Words for the end of a call that the server does not know. Such conversations end with MidSessionFailure."
    >
      <ul aria-label="Unknown end reasons" className="divide-y divide-line">
        {reasons.map(({ EndReason, Conversations }) => (
          <li key={EndReason} className="flex flex-wrap items-baseline gap-x-4 py-1.5">
            <span className="min-w-0 flex-1 font-mono text-xs wrap-anywhere">{EndReason}</span>
            <span className="text-ink-soft tabular">
              {pluralize(Conversations, 'conversation')}
            </span>
          </li>
        ))}
      </ul>
    </Card>
  );
}
