import { Badge, type Tone } from '../../ui/badge.tsx';

const TONES: Readonly<Record<string, Tone>> = {
  Queued: 'info',
  Processing: 'accent',
  Completed: 'good',
  Failed: 'bad',
  Canceled: 'neutral',
  Expired: 'warn',
};

export function CallStatus({ status }: { readonly status: string }) {
  return (
    <Badge tone={TONES[status] ?? 'neutral'} isLive={status === 'Processing'}>
      {status}
    </Badge>
  );
}
