import { Pause, Play } from 'lucide-react';
import { useState } from 'react';
import { shownOf } from '../api/shown.ts';
import { useChange, useOp } from '../api/use-op.ts';
import { useBusinessId, useMay } from '../frame/business.ts';
import { Badge } from '../ui/badge.tsx';
import { Button } from '../ui/button.tsx';
import { Confirm } from '../ui/confirm.tsx';
import { countText } from '../ui/count.ts';
import { Failure, Loading } from '../ui/notice.tsx';
import { Card, Page } from '../ui/page.tsx';
import { ReadOnly } from './read-only.tsx';
import { RetentionEditor } from './retention-editor.tsx';
import type { Rule } from './retention-rules.ts';

/** How long conversations are kept. */
export function RetentionSection() {
  const businessId = useBusinessId();
  const mayChange = useMay()('Settings', 'Editing');
  const read = useOp('GetRetention', { businessId });
  const { error, refetch } = read;
  const data = shownOf(read);
  return (
    <Page
      title="Retention"
      lead="How long recordings, transcripts, logs and whole conversations are kept. Legal holds go before every rule."
      actions={data?.IsPaused && <Badge tone="warn">Paused</Badge>}
    >
      {error && <Failure error={error} onRetry={() => void refetch()} />}
      {!data && !error && <Loading />}
      {data && (
        <>
          {!mayChange && <ReadOnly />}
          <RetentionEditor rules={data.Rules} mayChange={mayChange} />
          {mayChange && (data.Rules.length > 0 || data.IsPaused) && (
            <Running rules={data.Rules} isPaused={data.IsPaused} />
          )}
        </>
      )}
    </Page>
  );
}

/** Whether the rules are at work, and a run at once. */
function Running({
  rules,
  isPaused,
}: {
  readonly rules: readonly Rule[];
  readonly isPaused: boolean;
}) {
  const businessId = useBusinessId();
  const [asks, setAsks] = useState(false);
  const put = useChange('PutRetention', ['GetRetention']);
  const run = useChange('RunRetention');
  const pause = (IsPaused: boolean) => put.mutate({ businessId, Rules: [...rules], IsPaused });
  const purged = run.data?.Purged;
  return (
    <Card
      title={isPaused ? 'The rules are paused' : 'The rules are at work'}
      lead={
        isPaused
          ? 'Nothing goes until they go on; what has run out meanwhile goes then.'
          : 'What has run out goes every minute.'
      }
      actions={
        <>
          <Button isBusy={put.isPending} onClick={() => pause(!isPaused)}>
            {isPaused ? <Play aria-hidden size={14} /> : <Pause aria-hidden size={14} />}
            {isPaused ? 'Go on' : 'Pause'}
          </Button>
          <Button
            disabled={isPaused || rules.length === 0}
            isBusy={run.isPending}
            onClick={() => setAsks(true)}
          >
            Run now
          </Button>
        </>
      }
    >
      {put.error && <Failure error={put.error} />}
      {run.error && !asks && <Failure error={run.error} />}
      <p role="status" className="text-ink-soft">
        {purged &&
          `Let go of ${countText(purged.Recordings)} recordings, ${countText(purged.Transcripts)} transcripts, logs of ${countText(purged.Logs)} and ${countText(purged.Records)} whole conversations.${run.data?.IsComplete ? '' : ' Some are left, with which the next minute goes on.'}`}
      </p>
      <Confirm
        title="Let go of what has run out?"
        action="Run now"
        isOpen={asks}
        isBusy={run.isPending}
        error={run.error}
        onConfirm={() => run.mutate({ businessId }, { onSuccess: () => setAsks(false) })}
        onClose={() => setAsks(false)}
      >
        By the rules that are saved. It does not come back.
      </Confirm>
    </Card>
  );
}
