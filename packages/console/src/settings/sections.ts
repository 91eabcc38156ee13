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
import { type ComponentType, type LazyExoticComponent, lazy } from 'react';
import type { Module } from '../frame/business.ts';

export interface Section {
  readonly id: string;
  readonly label: string;
  readonly icon: LucideIcon;
  /** What it takes to see it; null: to be a member. */
  readonly takes: readonly [module: Module, type: string] | null;
  readonly component: LazyExoticComponent<ComponentType>;
}

const SEE_SETTINGS = ['Settings', 'Retrieving'] as const;
const SEE_PEOPLE = ['People', 'Retrieving'] as const;

/** The parts of the settings, in their order; each is loaded when it is gone to. */
export const SECTIONS: readonly Section[] = [
  {
    ...{ id: 'business', label: 'Business', icon: Building2, takes: null },
    component: lazy(() =>
      import('./business-section.tsx').then((file) => ({ default: file.BusinessSection })),
    ),
  },
  {
    ...{ id: 'people', label: 'People', icon: Users, takes: SEE_PEOPLE },
    component: lazy(() =>
      import('./people-section.tsx').then((file) => ({ default: file.PeopleSection })),
    ),
  },
  {
    ...{ id: 'keys', label: 'API keys', icon: KeyRound, takes: SEE_PEOPLE },
    component: lazy(() =>
      import('./keys-section.tsx').then((file) => ({ default: file.KeysSection })),
    ),
  },
  {
    ...{ id: 'retention', label: 'Retention', icon: Hourglass, takes: SEE_SETTINGS },
    component: lazy(() =>
      import('./retention-section.tsx').then((file) => ({ default: file.RetentionSection })),
    ),
  },
  {
    ...{ id: 'holds', label: 'Legal holds', icon: Lock, takes: SEE_SETTINGS },
    component: lazy(() =>
      import('./holds-section.tsx').then((file) => ({ default: file.HoldsSection })),
    ),
  },
  {
    ...{ id: 'erasures', label: 'Erasures', icon: UserRoundX, takes: SEE_SETTINGS },
    component: lazy(() =>
      import('./erasures-section.tsx').then((file) => ({ default: file.ErasuresSection })),
    ),
  },
  {
    ...{ id: 'redaction', label: 'Redaction', icon: EyeOff, takes: SEE_SETTINGS },
    component: lazy(() =>
      import('./redaction-section.tsx').then((file) => ({ default: file.RedactionSection })),
    ),
  },
  {
    ...{
      id: 'do-not-call',
      label: 'Do not call',
      icon: PhoneOff,
      takes: ['MakeCall', 'Executing'],
    },
    component: lazy(() =>
      import('./do-not-call-section.tsx').then((file) => ({ default: file.DoNotCallSection })),
    ),
  },
  {
    ...{ id: 'audit', label: 'Audit log', icon: ScrollText, takes: SEE_SETTINGS },
    component: lazy(() =>
      import('./audit-section.tsx').then((file) => ({ default: file.AuditSection })),
    ),
  },
];
