import type { ComponentType } from 'react';
import { SETTINGS_PLACES, type SectionId } from '../app-shell/settings-places.ts';
import { lazyPart } from '../ui/browser/lazy-part.ts';

const COMPONENTS: Readonly<Record<SectionId, ComponentType>> = {
  business: lazyPart(() => import('./business-section.tsx').then((file) => file.BusinessSection)),
  people: lazyPart(() => import('./people/people-section.tsx').then((file) => file.PeopleSection)),
  keys: lazyPart(() => import('./api-keys/keys-section.tsx').then((file) => file.KeysSection)),
  retention: lazyPart(() =>
    import('./retention/retention-section.tsx').then((file) => file.RetentionSection),
  ),
  holds: lazyPart(() => import('./holds/holds-section.tsx').then((file) => file.HoldsSection)),
  erasures: lazyPart(() =>
    import('./erasure/erasures-section.tsx').then((file) => file.ErasuresSection),
  ),
  redaction: lazyPart(() =>
    import('./retention/redaction-section.tsx').then((file) => file.RedactionSection),
  ),
  'do-not-call': lazyPart(() =>
    import('./do-not-call/do-not-call-section.tsx').then((file) => file.DoNotCallSection),
  ),
  audit: lazyPart(() => import('./audit/audit-section.tsx').then((file) => file.AuditSection)),
};

/** Each section is loaded when it is opened. */
export const SECTIONS = SETTINGS_PLACES.map((place) => ({
  ...place,
  component: COMPONENTS[place.id],
}));
export type Section = (typeof SECTIONS)[number];
