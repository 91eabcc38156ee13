import { useQueryClient } from '@tanstack/react-query';
import { lazy, Suspense, useState } from 'react';
import { useOp } from '../api/use-op.ts';
import { useBusinessId } from '../frame/business.ts';
import { Button } from '../ui/button.tsx';
import { Loading } from '../ui/notice.tsx';
import { Page } from '../ui/page.tsx';
import { InFigures } from './in-figures.tsx';

const GettingStarted = lazy(() =>
  import('./getting-started.tsx').then((file) => ({ default: file.GettingStarted })),
);
const SendDialog = lazy(() =>
  import('./send-dialog.tsx').then((file) => ({ default: file.SendDialog })),
);

/** What happened, in figures; where nothing has happened yet, the way to the first conversation. */
export function OverviewPage() {
  const businessId = useBusinessId();
  return <Overview key={businessId} businessId={businessId} />;
}

function Overview({ businessId }: { readonly businessId: number }) {
  const { data } = useOp('GetConversations', { businessId, Limit: 1 });
  // It stays when the conversation has come: it shows a key that is not shown again.
  const [isNew, setNew] = useState(false);
  const [isSending, setSending] = useState(false);
  if (data?.TotalCount === 0 && !isNew) setNew(true);
  const queries = useQueryClient();
  /** To the figures, none of which may be from before the conversation. */
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
      <InFigures onSend={() => setSending(true)} />
      {isSending && (
        <Suspense fallback={null}>
          <SendDialog onClose={() => setSending(false)} />
        </Suspense>
      )}
    </>
  );
}
