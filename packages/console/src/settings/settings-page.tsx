import { Link, useParams } from '@tanstack/react-router';
import { Lock } from 'lucide-react';
import { type ComponentType, Suspense, useEffect, useRef } from 'react';
import { DisabledWebhooks } from '../app-shell/alerts/disabled-webhooks.tsx';
import { useBusiness, useBusinessId, useMay } from '../app-shell/business.ts';
import { sectionLink } from '../app-shell/links.ts';
import { SETTINGS_PLACES, type SectionId } from '../app-shell/settings-places.ts';
import { lazyPart } from '../ui/browser/lazy-part.ts';
import { Empty, Loading } from '../ui/notice.tsx';
import { Page } from '../ui/page.tsx';

const COMPONENTS: Readonly<Record<SectionId, ComponentType>> = {
  business: lazyPart(() => import('./business-section.tsx'), 'BusinessSection'),
  people: lazyPart(() => import('./people/people-section.tsx'), 'PeopleSection'),
  keys: lazyPart(() => import('./api-keys/keys-section.tsx'), 'KeysSection'),
  retention: lazyPart(() => import('./retention/retention-section.tsx'), 'RetentionSection'),
  holds: lazyPart(() => import('./holds/holds-section.tsx'), 'HoldsSection'),
  erasures: lazyPart(() => import('./erasure/erasures-section.tsx'), 'ErasuresSection'),
  redaction: lazyPart(() => import('./retention/redaction-section.tsx'), 'RedactionSection'),
  'do-not-call': lazyPart(
    () => import('./do-not-call/do-not-call-section.tsx'),
    'DoNotCallSection',
  ),
  connections: lazyPart(
    () => import('./connections/connections-section.tsx'),
    'ConnectionsSection',
  ),
  webhooks: lazyPart(() => import('./webhooks/webhooks-section.tsx'), 'WebhooksSection'),
  usage: lazyPart(() => import('./usage/usage-section.tsx'), 'UsageSection'),
  audit: lazyPart(() => import('./audit/audit-section.tsx'), 'AuditSection'),
};

const SECTIONS = SETTINGS_PLACES.map((place) => ({
  ...place,
  component: COMPONENTS[place.id],
}));
type Section = (typeof SECTIONS)[number];

export function SettingsPage() {
  const id = useSectionId();
  const businessId = useBusinessId();
  const may = useMay();
  const seen = SECTIONS.filter(({ permission }) => permission === null || may(...permission));
  const section = seen.find((one) => one.id === id);
  return (
    <div className="flex min-h-full flex-col md:flex-row">
      <SectionList sections={seen} />
      <div className="min-w-0 max-w-5xl flex-1">
        <DisabledWebhooks className="px-4 pt-4 sm:px-6 sm:pt-6" />
        {section ? (
          <Suspense key={`${businessId}/${id}`} fallback={<Loading />}>
            <section.component />
          </Suspense>
        ) : (
          <NoSection isKnown={SECTIONS.some((one) => one.id === id)} />
        )}
      </div>
    </div>
  );
}

/** A page of a section is shown by the section. */
function useSectionId(): string {
  const { section, webhookId, connectionId } = useParams({ strict: false });
  if (section !== undefined) return section;
  if (webhookId !== undefined) return 'webhooks';
  return connectionId === undefined ? '' : 'connections';
}

function SectionList({ sections }: { readonly sections: readonly Section[] }) {
  const businessId = useBusinessId();
  const section = useSectionId();
  const list = useRef<HTMLUListElement>(null);
  // On narrow screens the sections are in a row that scrolls.
  useEffect(() => {
    list.current
      ?.querySelector(`[href$="/${CSS.escape(section)}"]`)
      ?.scrollIntoView({ block: 'nearest', inline: 'center' });
  }, [section]);
  return (
    <nav
      aria-label="Settings"
      className="shrink-0 border-line bg-surface max-md:border-b md:w-48 md:border-e md:p-3"
    >
      <ul ref={list} className="flex gap-0.5 max-md:overflow-x-auto max-md:p-2 md:flex-col">
        {sections.map(({ id, label, icon: Icon }) => (
          <li key={id}>
            <Link
              {...sectionLink(businessId, id)}
              activeProps={{ className: 'bg-accent-soft text-accent-strong font-medium' }}
              inactiveProps={{ className: 'text-ink-soft hover:bg-sunken hover:text-ink' }}
              activeOptions={{ includeSearch: false }}
              className="flex h-8 items-center gap-2 rounded-md px-2 whitespace-nowrap"
            >
              <Icon aria-hidden size={15} />
              {label}
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}

function NoSection({ isKnown }: { readonly isKnown: boolean }) {
  const { Role } = useBusiness();
  return (
    <Page title="Settings">
      {isKnown ? (
        <Empty icon={Lock} title="Your role may not see this">
          Your role is {Role}. Ask an Owner of the business for another one.
        </Empty>
      ) : (
        <Empty icon={Lock} title="No such page in the settings">
          Choose one from the list.
        </Empty>
      )}
    </Page>
  );
}
