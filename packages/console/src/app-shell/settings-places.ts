import {
  Building2,
  EyeOff,
  Hourglass,
  KeyRound,
  Lock,
  type LucideIcon,
  PhoneOff,
  ScrollText,
  UserRoundX,
  Users,
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
  | 'audit';

interface SettingsPlace {
  readonly id: SectionId;
  readonly label: string;
  readonly icon: LucideIcon;
  /** What it takes to see it; null: to be a member. */
  readonly takes: readonly [module: Module, type: string] | null;
}

const SEE_SETTINGS = ['Settings', 'Retrieving'] as const;
const SEE_PEOPLE = ['People', 'Retrieving'] as const;
export const MAKE_CALLS = ['MakeCall', 'Executing'] as const;

/** The parts of the settings, in their order. */
export const SETTINGS_PLACES: readonly SettingsPlace[] = [
  { id: 'business', label: 'Business', icon: Building2, takes: null },
  { id: 'people', label: 'People', icon: Users, takes: SEE_PEOPLE },
  { id: 'keys', label: 'API keys', icon: KeyRound, takes: SEE_PEOPLE },
  { id: 'retention', label: 'Retention', icon: Hourglass, takes: SEE_SETTINGS },
  { id: 'holds', label: 'Legal holds', icon: Lock, takes: SEE_SETTINGS },
  { id: 'erasures', label: 'Erasures', icon: UserRoundX, takes: SEE_SETTINGS },
  { id: 'redaction', label: 'Redaction', icon: EyeOff, takes: SEE_SETTINGS },
  { id: 'do-not-call', label: 'Do not call', icon: PhoneOff, takes: MAKE_CALLS },
  { id: 'audit', label: 'Audit log', icon: ScrollText, takes: SEE_SETTINGS },
];
