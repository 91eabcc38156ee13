import { Pause, Play } from 'lucide-react';
import { useState } from 'react';
import { useChange, useOp } from '../../api/use-op.ts';
import { visibleData } from '../../api/visible-data.ts';
import { useBusinessId, useMay } from '../../app-shell/business.ts';
import { Badge } from '../../ui/badge.tsx';
import { Button } from '../../ui/button.tsx';
import { Failure, ReadState } from '../../ui/notice.tsx';
import { Confirm } from '../../ui/overlays/confirm.tsx';
import { Card, Page } from '../../ui/page.tsx';
import { pluralize } from '../../ui/text/count.ts';
import { ReadOnly } from '../read-only.tsx';
import { RetentionEditor } from './retention-editor.tsx';
import type { Rule } from './retention-rules.ts';

export function RetentionSection() {
  const businessId = useBusinessId();
  const mayChange = useMay()('Settings', 'Editing');
  const read = useOp('GetRetention', { businessId });
  const data = visibleData(read);
  return (
    <Page
      title="Retention"
      lead="How long recordings, transcripts, logs and whole conversations are kept. Legal holds override all rules."
      actions={data?.IsPaused && <Badge tone="warn">Paused</Badge>}
    >
      <ReadState read={read} />
      {data && (
        <>
          {!mayChange && <ReadOnly />}
          <RetentionEditor rules={data.Rules} mayChange={mayChange} />
          {mayChange && (data.Rules.length > 0 || data.IsPaused) && (
            <PurgeStatus rules={data.Rules} isPaused={data.IsPaused} />
          )}
        </>
      )}
    </Page>
  );
}

interface Props {
  readonly rules: readonly Rule[];
  readonly isPaused: boolean;
}

function PurgeStatus({ rules, isPaused }: Props) {
  const businessId = useBusinessId();
  const [isConfirming, setConfirming] = useState(false);
  const put = useChange('PutRetention', ['GetRetention']);
  const run = useChange('RunRetention');
  const pause = (IsPaused: boolean) => put.mutate({ businessId, Rules: [...rules], IsPaused });
  const purged = run.data?.Purged;
  return (
    <Card
      title={isPaused ? 'Rules are paused' : 'Rules are active'}
      lead={
        isPaused
          ? 'Nothing is deleted until you resume them. Data that expires until then is deleted at that time.'
          : 'Expired data is deleted every minute.'
      }
      actions={
        <>
          <Button isBusy={put.isPending} onClick={() => pause(!isPaused)}>
            {isPaused ? <Play aria-hidden size={14} /> : <Pause aria-hidden size={14} />}
            {isPaused ? 'Resume' : 'Pause'}
          </Button>
          <Button
            disabled={isPaused || rules.length === 0}
            isBusy={run.isPending}
            onClick={() => setConfirming(true)}
          >
            Run now
          </Button>
        </>
      }
    >
      {put.error && <Failure error={put.error} />}
      {run.error && !isConfirming && <Failure error={run.error} />}
      <p role="status" className="text-ink-soft">
        {purged &&
          `Deleted ${pluralize(purged.Recordings, 'recording')}, ${pluralize(purged.Transcripts, 'transcript')}, the logs of ${pluralize(purged.Logs, 'conversation')} and ${pluralize(purged.Records, 'whole conversation')}.${run.data?.IsComplete ? '' : ' The rest is deleted in the next minutes.'}`}
      </p>
      <Confirm
        title="Delete expired data now?"
        action="Delete now"
        isOpen={isConfirming}
        change={run}
        onConfirm={() => run.mutate({ businessId }, { onSuccess: () => setConfirming(false) })}
        onClose={() => setConfirming(false)}
      >
        According to the saved rules. This cannot be undone.
      </Confirm>
    </Card>
  );
}
