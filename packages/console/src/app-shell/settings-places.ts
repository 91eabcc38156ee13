import {
  Building2,
  Cable,
  EyeOff,
  Gauge,
  Hourglass,
  KeyRound,
  Lock,
  type LucideIcon,
  PhoneOff,
  ScrollText,
  UserRoundX,
  Users,
  Webhook,
} from 'lucide-react';
import type { Module } from './business.ts';

export type SectionId =
  | 'business'
  | 'people'
  | 'keys'
  | 'retention'
  | 'holds'
  | 'erasures'
  | 'redaction'
  | 'do-not-call'
  | 'connections'
  | 'webhooks'
  | 'usage'
  | 'audit';

interface SettingsPlace {
  readonly id: SectionId;
  readonly label: string;
  readonly icon: LucideIcon;
  readonly permission: readonly [module: Module, type: string] | null;
}

const SEE_SETTINGS = ['Settings', 'Retrieving'] as const;
const SEE_PEOPLE = ['People', 'Retrieving'] as const;
export const MAKE_CALLS = ['MakeCall', 'Executing'] as const;

export const SETTINGS_PLACES: readonly SettingsPlace[] = [
  { id: 'business', label: 'Business', icon: Building2, permission: null },
  { id: 'people', label: 'People', icon: Users, permission: SEE_PEOPLE },
  { id: 'keys', label: 'API keys', icon: KeyRound, permission: SEE_PEOPLE },
  { id: 'retention', label: 'Retention', icon: Hourglass, permission: SEE_SETTINGS },
  { id: 'holds', label: 'Legal holds', icon: Lock, permission: SEE_SETTINGS },
  { id: 'erasures', label: 'Erasures', icon: UserRoundX, permission: SEE_SETTINGS },
  { id: 'redaction', label: 'Redaction', icon: EyeOff, permission: SEE_SETTINGS },
  { id: 'do-not-call', label: 'Do not call', icon: PhoneOff, permission: MAKE_CALLS },
  { id: 'connections', label: 'Connections', icon: Cable, permission: SEE_SETTINGS },
  { id: 'webhooks', label: 'Webhooks', icon: Webhook, permission: SEE_SETTINGS },
  { id: 'usage', label: 'Usage', icon: Gauge, permission: SEE_SETTINGS },
  { id: 'audit', label: 'Audit log', icon: ScrollText, permission: SEE_SETTINGS },
];
