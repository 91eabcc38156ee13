import { Pause, Play } from 'lucide-react';
import { failureMessage } from '../../api/failure.ts';
import { Button } from '../../ui/button.tsx';
import { useCampaignChange } from './campaign-change.ts';

export function PauseButton({
  campaignId,
  isPaused,
  name,
}: {
  readonly campaignId: string;
  readonly isPaused: boolean;
  readonly name?: string;
}) {
  const change = useCampaignChange();
  const Icon = isPaused ? Play : Pause;
  const verb = isPaused ? 'Resume' : 'Pause';
  return (
    <>
      {change.error && (
        <span role="alert" className="text-xs text-bad">
          {failureMessage(change.error)}
        </span>
      )}
      <Button
        isBusy={change.isPending}
        {...(name !== undefined && { 'aria-label': `${verb} ${name}` })}
        onClick={() => change.mutate({ campaignId, IsPaused: !isPaused })}
      >
        <Icon aria-hidden size={15} /> {verb}
      </Button>
    </>
  );
}
