import { Pause, Play } from 'lucide-react';
import { failureMessage } from '../../api/failure.ts';
import { Button } from '../../ui/button.tsx';
import { useCampaignChange } from './campaign-change.ts';

interface Props {
  readonly campaignId: string;
  readonly isPaused: boolean;
  readonly name?: string;
}

export function PauseButton({ campaignId, isPaused, name }: Props) {
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
        icon={Icon}
        iconSize={15}
        isBusy={change.isPending}
        {...(name !== undefined && { 'aria-label': `${verb} ${name}` })}
        onClick={() => change.mutate({ campaignId, IsPaused: !isPaused })}
      >
        {verb}
      </Button>
    </>
  );
}
