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
import type { ComponentType } from 'react';
import type { Module } from '../frame/business.ts';
import { lazyPart } from '../ui/lazy-part.ts';

export interface Section {
  readonly id: string;
  readonly label: string;
  readonly icon: LucideIcon;
  /** What it takes to see it; null: to be a member. */
  readonly takes: readonly [module: Module, type: string] | null;
  readonly component: ComponentType;
}

const SEE_SETTINGS = ['Settings', 'Retrieving'] as const;
const SEE_PEOPLE = ['People', 'Retrieving'] as const;

/** The parts of the settings, in their order; each is loaded when it is gone to. */
export const SECTIONS: readonly Section[] = [
  {
    id: 'business',
    label: 'Business',
    icon: Building2,
    takes: null,
    component: lazyPart(() =>
      import('./business-section.tsx').then((file) => file.BusinessSection),
    ),
  },
  {
    id: 'people',
    label: 'People',
    icon: Users,
    takes: SEE_PEOPLE,
    component: lazyPart(() => import('./people-section.tsx').then((file) => file.PeopleSection)),
  },
  {
    id: 'keys',
    label: 'API keys',
    icon: KeyRound,
    takes: SEE_PEOPLE,
    component: lazyPart(() => import('./keys-section.tsx').then((file) => file.KeysSection)),
  },
  {
    id: 'retention',
    label: 'Retention',
    icon: Hourglass,
    takes: SEE_SETTINGS,
    component: lazyPart(() =>
      import('./retention-section.tsx').then((file) => file.RetentionSection),
    ),
  },
  {
    id: 'holds',
    label: 'Legal holds',
    icon: Lock,
    takes: SEE_SETTINGS,
    component: lazyPart(() => import('./holds-section.tsx').then((file) => file.HoldsSection)),
  },
  {
    id: 'erasures',
    label: 'Erasures',
    icon: UserRoundX,
    takes: SEE_SETTINGS,
    component: lazyPart(() =>
      import('./erasures-section.tsx').then((file) => file.ErasuresSection),
    ),
  },
  {
    id: 'redaction',
    label: 'Redaction',
    icon: EyeOff,
    takes: SEE_SETTINGS,
    component: lazyPart(() =>
      import('./redaction-section.tsx').then((file) => file.RedactionSection),
    ),
  },
  {
    id: 'do-not-call',
    label: 'Do not call',
    icon: PhoneOff,
    takes: ['MakeCall', 'Executing'],
    component: lazyPart(() =>
      import('./do-not-call-section.tsx').then((file) => file.DoNotCallSection),
    ),
  },
  {
    id: 'audit',
    label: 'Audit log',
    icon: ScrollText,
    takes: SEE_SETTINGS,
    component: lazyPart(() => import('./audit-section.tsx').then((file) => file.AuditSection)),
  },
];
