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
import { HERE } from './api/client.ts';
import { isSignedOut } from './api/failure.ts';
import { opQuery } from './api/use-op.ts';
import { Frame } from './app-shell/app-shell.tsx';
import { usableBusiness } from './app-shell/business.ts';
import { Lost, Trouble } from './app-shell/error-page.tsx';
import { Pending } from './app-shell/pending.tsx';
import { conversationSearch } from './conversation/search.ts';
import { conversationsSearch } from './conversations/search.ts';
import { overviewSearch } from './overview/search.ts';
import { callsSearch, campaignsSearch } from './queues/search.ts';
import { requireSession } from './session/session.ts';
import { SignedIn } from './session/signed-in.tsx';
import { settingsSearch } from './settings/search.ts';
import { textIn } from './ui/browser/address.ts';
import { lazyPart } from './ui/browser/lazy-part.ts';

interface Context {
  readonly queries: QueryClient;
}

const root = createRootRouteWithContext<Context>()({
  component: Outlet,
  notFoundComponent: Lost,
  errorComponent: Trouble,
});

const signIn = createRoute({
  getParentRoute: () => root,
  path: '/sign-in',
  validateSearch: ({ to, error }): { to?: string | undefined; error?: string | undefined } => ({
    to: textIn(to),
    error: textIn(error),
  }),
  component: lazyPart(() => import('./session/sign-in-page.tsx').then((file) => file.SignInPage)),
});
const join = createRoute({
  getParentRoute: () => root,
  path: '/join',
  component: lazyPart(() => import('./session/join-page.tsx').then((file) => file.JoinPage)),
});

/** All that takes somebody who is signed in. */
const inside = createRoute({
  getParentRoute: () => root,
  id: 'inside',
  component: SignedIn,
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
    const businessId = await usableBusiness(context.queries);
    if (businessId === null) return;
    throw redirect({ to: '/b/$businessId', params: { businessId } });
  },
  component: lazyPart(() =>
    import('./app-shell/no-business-page.tsx').then((file) => file.NoBusinessPage),
  ),
});
const account = createRoute({
  getParentRoute: () => inside,
  path: '/account',
  component: lazyPart(() => import('./session/account-page.tsx').then((file) => file.AccountPage)),
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
  component: Frame,
  notFoundComponent: Lost,
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
  validateSearch: overviewSearch,
  component: lazyPart(() =>
    import('./overview/overview-page.tsx').then((file) => file.OverviewPage),
  ),
});
const conversations = createRoute({
  getParentRoute: () => business,
  path: '/conversations',
  validateSearch: conversationsSearch,
  component: lazyPart(() =>
    import('./conversations/conversations-page.tsx').then((file) => file.ConversationsPage),
  ),
});
const conversation = createRoute({
  getParentRoute: () => business,
  path: '/conversations/$sessionId',
  validateSearch: conversationSearch,
  component: lazyPart(() =>
    import('./conversation/conversation-page.tsx').then((file) => file.ConversationPage),
  ),
});
const outbound = createRoute({
  getParentRoute: () => business,
  path: '/outbound',
  validateSearch: callsSearch,
  component: lazyPart(() => import('./queues/outbound-page.tsx').then((file) => file.OutboundPage)),
});
const outboundCall = createRoute({
  getParentRoute: () => business,
  path: '/outbound/$queueId',
  component: lazyPart(() =>
    import('./queues/calls/outbound-call-page.tsx').then((file) => file.OutboundCallPage),
  ),
});
const inbound = createRoute({
  getParentRoute: () => business,
  path: '/inbound',
  validateSearch: callsSearch,
  component: lazyPart(() => import('./queues/inbound-page.tsx').then((file) => file.InboundPage)),
});
const inboundCall = createRoute({
  getParentRoute: () => business,
  path: '/inbound/$queueId',
  component: lazyPart(() =>
    import('./queues/calls/inbound-call-page.tsx').then((file) => file.InboundCallPage),
  ),
});
const campaigns = createRoute({
  getParentRoute: () => business,
  path: '/campaigns',
  validateSearch: campaignsSearch,
  component: lazyPart(() =>
    import('./queues/campaigns/campaigns-page.tsx').then((file) => file.CampaignsPage),
  ),
});
const campaign = createRoute({
  getParentRoute: () => business,
  path: '/campaigns/$campaignId',
  component: lazyPart(() =>
    import('./queues/campaigns/campaign-page.tsx').then((file) => file.CampaignPage),
  ),
});
const settings = createRoute({
  getParentRoute: () => business,
  path: '/settings',
});
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
  validateSearch: settingsSearch,
  component: lazyPart(() =>
    import('./settings/settings-page.tsx').then((file) => file.SettingsPage),
  ),
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
      settings.addChildren([settingsHome, settingsSection]),
    ]),
  ]),
]);

/**
 * Addresses say what they mean: all of a search is plain text, so that a person can read it, and
 * what a page makes of it is that page's own matter.
 */
export function makeRouter(queries: QueryClient) {
  return createRouter({
    routeTree: tree,
    context: { queries },
    basepath: new URL(HERE).pathname,
    parseSearch: (text) => Object.fromEntries(new URLSearchParams(text)),
    stringifySearch: (search) => {
      const given = Object.entries(search).flatMap(([name, value]) =>
        value === undefined || value === '' ? [] : [[name, String(value)]],
      );
      return given.length > 0 ? `?${new URLSearchParams(given)}` : '';
    },
    defaultPreload: 'intent',
    defaultErrorComponent: Trouble,
    defaultPendingComponent: Pending,
    defaultPendingMs: 150,
    defaultPendingMinMs: 0,
    scrollRestoration: true,
    scrollToTopSelectors: ['#page'],
  });
}

type Router = ReturnType<typeof makeRouter>;

/** Asks for what the first page needs while it is not known yet who is signed in. */
export function fetchAhead(router: Router): void {
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
