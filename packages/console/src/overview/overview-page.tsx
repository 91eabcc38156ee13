import { useQueryClient } from '@tanstack/react-query';
import { Suspense, useState } from 'react';
import { useOp } from '../api/use-op.ts';
import { useBusinessId } from '../app-shell/business.ts';
import { lazyPart } from '../ui/browser/lazy-part.ts';
import { Button } from '../ui/button.tsx';
import { Loading } from '../ui/notice.tsx';
import { Page } from '../ui/page.tsx';
import { Dashboard } from './dashboard.tsx';

const GettingStarted = lazyPart(() => import('./getting-started.tsx'), 'GettingStarted');
const SendDialog = lazyPart(() => import('./send-dialog.tsx'), 'SendDialog');

export function OverviewPage() {
  const businessId = useBusinessId();
  return <Overview key={businessId} businessId={businessId} />;
}

function Overview({ businessId }: { readonly businessId: number }) {
  const { data } = useOp('GetConversations', { businessId, Limit: 1 });
  // Stays true after the conversation has arrived: the page shows a key only once.
  const [isNew, setNew] = useState(false);
  const [isSending, setSending] = useState(false);
  if (data?.TotalCount === 0 && !isNew) setNew(true);
  const queries = useQueryClient();
  /** Refreshes all numbers, which may be older than the conversation. */
  const onSeen = async () => {
    queries.removeQueries({ queryKey: ['GetConversationAnalytics'] });
    await queries.invalidateQueries({ queryKey: ['GetConversations'] });
    setNew(false);
  };
  if (isNew) {
    return (
      <Page title="Getting started" lead="Send your first conversation; it takes a minute.">
        <Suspense fallback={<Loading />}>
          <GettingStarted after={<Button onClick={() => void onSeen()}>See the overview</Button>} />
        </Suspense>
      </Page>
    );
  }
  return (
    <>
      <Dashboard onSend={() => setSending(true)} />
      {isSending && (
        <Suspense fallback={null}>
          <SendDialog onClose={() => setSending(false)} />
        </Suspense>
      )}
    </>
  );
}
