import { Globe, PhoneIncoming, PhoneOutgoing } from 'lucide-react';
import { Badge, type Tone } from '../ui/badge.tsx';
import {
  type InitiationType,
  isLive,
  outcomeText,
  type Status,
  statusText,
  typeText,
} from './facts.ts';

const STATUS_TONES: Partial<Record<Status, Tone>> = {
  Active: 'accent',
  Paused: 'warn',
  Failed: 'bad',
  Completed: 'neutral',
};

export function StatusBadge({ status }: { readonly status: Status }) {
  return (
    <Badge tone={STATUS_TONES[status] ?? 'info'} isLive={isLive(status)}>
      {statusText(status)}
    </Badge>
  );
}

const TYPE_ICONS = { Inbound: PhoneIncoming, Outbound: PhoneOutgoing, Web: Globe } as const;

export function InitiationIcon({ type }: { readonly type: InitiationType }) {
  const Icon = TYPE_ICONS[type];
  return (
    <Icon aria-label={typeText(type)} role="img" size={15} className="shrink-0 text-ink-faint" />
  );
}

const OUTCOME_TONES: Readonly<Record<string, Tone>> = {
  MidSessionFailure: 'bad',
  InitializeError: 'bad',
  ExpiredWaitingForInitialize: 'bad',
  UserSilenceTimeoutReached: 'warn',
  MaxConversationDurationReached: 'warn',
  UserDeclinedOrBusy: 'warn',
  UserNoAnswer: 'warn',
  VoicemailDetected: 'info',
  Transferred: 'info',
};

export function Outcome({ endType }: { readonly endType: string | null }) {
  if (endType === null) return <span className="text-ink-faint">–</span>;
  return <Badge tone={OUTCOME_TONES[endType] ?? 'neutral'}>{outcomeText(endType)}</Badge>;
}
