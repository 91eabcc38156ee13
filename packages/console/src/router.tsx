import type { QueryClient } from '@tanstack/react-query';
import {
  type AnyRoute,
  type AnyRouteMatch,
  createRootRouteWithContext,
  createRoute,
  createRouter,
  notFound,
  Outlet,
  redirect,
} from '@tanstack/react-router';
import { BASE_URL } from './api/client.ts';
import { isSignedOut } from './api/failure.ts';
import { opQuery } from './api/use-op.ts';
import { AppShell } from './app-shell/app-shell.tsx';
import { findUsableBusiness } from './app-shell/business.ts';
import { ErrorPage, NotFoundPage } from './app-shell/error-page.tsx';
import { Pending } from './app-shell/pending.tsx';
import { parseConversationSearch } from './conversation/search.ts';
import { parseConversationsSearch } from './conversations/search.ts';
import { parseOverviewSearch } from './overview/search.ts';
import { parseCallsSearch, parseCampaignsSearch } from './queues/search.ts';
import { requireSession } from './session/session.ts';
import { SignedInLayout } from './session/signed-in-layout.tsx';
import { parseSettingsSearch } from './settings/search.ts';
import { readText } from './ui/browser/address.ts';
import { lazyPart } from './ui/browser/lazy-part.ts';

interface Context {
  readonly queries: QueryClient;
}

const root = createRootRouteWithContext<Context>()({
  component: Outlet,
  notFoundComponent: NotFoundPage,
  errorComponent: ErrorPage,
});

const signIn = createRoute({
  getParentRoute: () => root,
  path: '/sign-in',
  validateSearch: ({ to, error }): { to?: string | undefined; error?: string | undefined } => ({
    to: readText(to),
    error: readText(error),
  }),
  component: lazyPart(() => import('./session/sign-in-page.tsx'), 'SignInPage'),
});
const join = createRoute({
  getParentRoute: () => root,
  path: '/join',
  component: lazyPart(() => import('./session/join-page.tsx'), 'JoinPage'),
});

const inside = createRoute({
  getParentRoute: () => root,
  id: 'inside',
  component: SignedInLayout,
  beforeLoad: async ({ context, location }) => {
    try {
      await requireSession(context.queries);
    } catch (error) {
      if (!isSignedOut(error)) throw error;
      throw redirect({ to: '/sign-in', search: { to: location.href } });
    }
  },
});
const home = createRoute({
  getParentRoute: () => inside,
  path: '/',
  beforeLoad: async ({ context }) => {
    const businessId = await findUsableBusiness(context.queries);
    if (businessId === null) return;
    throw redirect({ to: '/b/$businessId', params: { businessId } });
  },
  component: lazyPart(() => import('./app-shell/no-business-page.tsx'), 'NoBusinessPage'),
});
const account = createRoute({
  getParentRoute: () => inside,
  path: '/account',
  component: lazyPart(() => import('./session/account-page.tsx'), 'AccountPage'),
});

const business = createRoute({
  getParentRoute: () => inside,
  path: '/b/$businessId',
  params: {
    parse: ({ businessId }) => {
      if (!/^[1-9]\d{0,14}$/.test(businessId)) throw notFound();
      return { businessId: Number(businessId) };
    },
    stringify: ({ businessId }) => ({ businessId: String(businessId) }),
  },
  beforeLoad: async ({ context, params: { businessId } }) => {
    await context.queries.ensureQueryData(opQuery('GetBusiness', { businessId }));
  },
  component: AppShell,
  notFoundComponent: NotFoundPage,
});
const businessHome = createRoute({
  getParentRoute: () => business,
  path: '/',
  beforeLoad: ({ params }) => {
    throw redirect({ to: '/b/$businessId/overview', params });
  },
});
const overview = createRoute({
  getParentRoute: () => business,
  path: '/overview',
  validateSearch: parseOverviewSearch,
  component: lazyPart(() => import('./overview/overview-page.tsx'), 'OverviewPage'),
});
const conversations = createRoute({
  getParentRoute: () => business,
  path: '/conversations',
  validateSearch: parseConversationsSearch,
  component: lazyPart(() => import('./conversations/conversations-page.tsx'), 'ConversationsPage'),
});
const conversation = createRoute({
  getParentRoute: () => business,
  path: '/conversations/$sessionId',
  validateSearch: parseConversationSearch,
  component: lazyPart(() => import('./conversation/conversation-page.tsx'), 'ConversationPage'),
});
const outbound = createRoute({
  getParentRoute: () => business,
  path: '/outbound',
  validateSearch: parseCallsSearch,
  component: lazyPart(() => import('./queues/outbound-page.tsx'), 'OutboundPage'),
});
const outboundCall = createRoute({
  getParentRoute: () => business,
  path: '/outbound/$queueId',
  component: lazyPart(() => import('./queues/calls/outbound-call-page.tsx'), 'OutboundCallPage'),
});
const inbound = createRoute({
  getParentRoute: () => business,
  path: '/inbound',
  validateSearch: parseCallsSearch,
  component: lazyPart(() => import('./queues/inbound-page.tsx'), 'InboundPage'),
});
const inboundCall = createRoute({
  getParentRoute: () => business,
  path: '/inbound/$queueId',
  component: lazyPart(() => import('./queues/calls/inbound-call-page.tsx'), 'InboundCallPage'),
});
const campaigns = createRoute({
  getParentRoute: () => business,
  path: '/campaigns',
  validateSearch: parseCampaignsSearch,
  component: lazyPart(() => import('./queues/campaigns/campaigns-page.tsx'), 'CampaignsPage'),
});
const campaign = createRoute({
  getParentRoute: () => business,
  path: '/campaigns/$campaignId',
  component: lazyPart(() => import('./queues/campaigns/campaign-page.tsx'), 'CampaignPage'),
});
const settings = createRoute({ getParentRoute: () => business, path: '/settings' });
const settingsHome = createRoute({
  getParentRoute: () => settings,
  path: '/',
  beforeLoad: ({ params }) => {
    throw redirect({
      to: '/b/$businessId/settings/$section',
      params: { ...params, section: 'business' },
    });
  },
});
const settingsSection = createRoute({
  getParentRoute: () => settings,
  path: '/$section',
  validateSearch: parseSettingsSearch,
  component: lazyPart(() => import('./settings/settings-page.tsx'), 'SettingsPage'),
});

const settingsWebhook = createRoute({
  getParentRoute: () => settings,
  path: '/webhooks/$webhookId',
  validateSearch: parseSettingsSearch,
  component: lazyPart(() => import('./settings/settings-page.tsx'), 'SettingsPage'),
});

const settingsConnection = createRoute({
  getParentRoute: () => settings,
  path: '/connections/$connectionId',
  validateSearch: parseSettingsSearch,
  component: lazyPart(() => import('./settings/settings-page.tsx'), 'SettingsPage'),
});

const tree = root.addChildren([
  signIn,
  join,
  inside.addChildren([
    home,
    account,
    business.addChildren([
      businessHome,
      overview,
      conversations,
      conversation,
      outbound,
      outboundCall,
      inbound,
      inboundCall,
      campaigns,
      campaign,
      settings.addChildren([settingsHome, settingsSection, settingsWebhook, settingsConnection]),
    ]),
  ]),
]);

export function makeRouter(queries: QueryClient) {
  return createRouter({
    routeTree: tree,
    context: { queries },
    basepath: new URL(BASE_URL).pathname,
    parseSearch: (text) => Object.fromEntries(new URLSearchParams(text)),
    stringifySearch: (search) => {
      const given = Object.entries(search).flatMap(([name, value]) =>
        value === undefined || value === '' ? [] : [[name, String(value)]],
      );
      return given.length > 0 ? `?${new URLSearchParams(given)}` : '';
    },
    defaultPreload: 'intent',
    defaultErrorComponent: ErrorPage,
    defaultPendingComponent: Pending,
    defaultPendingMs: 150,
    defaultPendingMinMs: 0,
    scrollRestoration: true,
    scrollToTopSelectors: ['#page'],
  });
}

type Router = ReturnType<typeof makeRouter>;

export function prefetchFirstPage(router: Router): void {
  const matches: AnyRouteMatch[] = router.matchRoutes(router.latestLocation);
  for (const { routeId, params } of matches) {
    const route: AnyRoute | undefined = router.routesById[routeId as keyof Router['routesById']];
    void route?.options.component?.preload?.();
    const { businessId } = params;
    if (routeId !== business.id || typeof businessId !== 'number') continue;
    void router.options.context.queries.prefetchQuery(opQuery('GetBusiness', { businessId }));
  }
}

declare module '@tanstack/react-router' {
  interface Register {
    router: Router;
  }
}
