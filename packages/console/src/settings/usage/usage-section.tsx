import { Suspense } from 'react';
import { useOp } from '../../api/use-op.ts';
import { visibleData } from '../../api/visible-data.ts';
import { useBusinessId } from '../../app-shell/business.ts';
import { useSession } from '../../session/session.ts';
import { lazyPart } from '../../ui/browser/lazy-part.ts';
import { Loading, ReadState } from '../../ui/notice.tsx';
import { Page } from '../../ui/page.tsx';
import { QuotasCard } from './quotas-card.tsx';
import { SaveUsage } from './save-usage.tsx';
import { UsageCharts } from './usage-charts.tsx';

const AllUsage = lazyPart(() => import('./all-usage.tsx'), 'AllUsage');

const LEAD =
  'Months are in UTC. A deleted conversation still counts in the month in which it began.';

export function UsageSection() {
  const businessId = useBusinessId();
  const { User: user } = useSession();
  const read = useOp('GetUsage', { businessId });
  const usage = visibleData(read);
  return (
    <Page
      title="Usage"
      lead={LEAD}
      actions={usage && <SaveUsage usages={[usage]} name={`usage-${businessId}`} />}
    >
      <ReadState read={read} />
      {usage && (
        <>
          <QuotasCard usage={usage} />
          <UsageCharts months={usage.Months} />
        </>
      )}
      {user.IsAdmin && (
        <Suspense fallback={<Loading />}>
          <AllUsage />
        </Suspense>
      )}
    </Page>
  );
}
