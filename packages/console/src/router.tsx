import type { QueryClient } from '@tanstack/react-query';
import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  redirect,
} from '@tanstack/react-router';
import { HERE } from './api/client.ts';
import { isSignedOut } from './api/failure.ts';
import { opQuery } from './api/use-op.ts';
import { conversationSearch } from './conversation/search.ts';
import { conversationsSearch } from './conversations/search.ts';
import { usableBusiness } from './frame/business.ts';
import { Frame } from './frame/frame.tsx';
import { Lost, Trouble } from './frame/trouble.tsx';
import { overviewSearch } from './overview/search.ts';
import { callsSearch, campaignsSearch } from './queues/search.ts';
import { requireSession } from './session/session.ts';
import { SignedIn } from './session/signed-in.tsx';
import { settingsSearch } from './settings/search.ts';
import { textIn } from './ui/address.ts';

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
  component: lazyRouteComponent(() => import('./session/sign-in-page.tsx'), 'SignInPage'),
});
const join = createRoute({
  getParentRoute: () => root,
  path: '/join',
  component: lazyRouteComponent(() => import('./session/join-page.tsx'), 'JoinPage'),
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
  component: lazyRouteComponent(() => import('./frame/no-business-page.tsx'), 'NoBusinessPage'),
});
const account = createRoute({
  getParentRoute: () => inside,
  path: '/account',
  component: lazyRouteComponent(() => import('./session/account-page.tsx'), 'AccountPage'),
});

const business = createRoute({
  getParentRoute: () => inside,
  path: '/b/$businessId',
  params: {
    parse: ({ businessId }) => ({ businessId: Number(businessId) }),
    stringify: ({ businessId }) => ({ businessId: String(businessId) }),
  },
  beforeLoad: async ({ context, params: { businessId } }) => {
    await context.queries.ensureQueryData(opQuery('GetBusiness', { businessId }));
  },
  component: Frame,
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
  component: lazyRouteComponent(() => import('./overview/overview-page.tsx'), 'OverviewPage'),
});
const conversations = createRoute({
  getParentRoute: () => business,
  path: '/conversations',
  validateSearch: conversationsSearch,
  component: lazyRouteComponent(
    () => import('./conversations/conversations-page.tsx'),
    'ConversationsPage',
  ),
});
const conversation = createRoute({
  getParentRoute: () => business,
  path: '/conversations/$sessionId',
  validateSearch: conversationSearch,
  component: lazyRouteComponent(
    () => import('./conversation/conversation-page.tsx'),
    'ConversationPage',
  ),
});
const outbound = createRoute({
  getParentRoute: () => business,
  path: '/outbound',
  validateSearch: callsSearch,
  component: lazyRouteComponent(() => import('./queues/outbound-page.tsx'), 'OutboundPage'),
});
const outboundCall = createRoute({
  getParentRoute: () => business,
  path: '/outbound/$queueId',
  component: lazyRouteComponent(
    () => import('./queues/outbound-call-page.tsx'),
    'OutboundCallPage',
  ),
});
const inbound = createRoute({
  getParentRoute: () => business,
  path: '/inbound',
  validateSearch: callsSearch,
  component: lazyRouteComponent(() => import('./queues/inbound-page.tsx'), 'InboundPage'),
});
const inboundCall = createRoute({
  getParentRoute: () => business,
  path: '/inbound/$queueId',
  component: lazyRouteComponent(() => import('./queues/inbound-call-page.tsx'), 'InboundCallPage'),
});
const campaigns = createRoute({
  getParentRoute: () => business,
  path: '/campaigns',
  validateSearch: campaignsSearch,
  component: lazyRouteComponent(() => import('./queues/campaigns-page.tsx'), 'CampaignsPage'),
});
const campaign = createRoute({
  getParentRoute: () => business,
  path: '/campaigns/$campaignId',
  component: lazyRouteComponent(() => import('./queues/campaign-page.tsx'), 'CampaignPage'),
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
  component: lazyRouteComponent(() => import('./settings/settings-page.tsx'), 'SettingsPage'),
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
    scrollRestoration: true,
    scrollToTopSelectors: ['#page'],
  });
}

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof makeRouter>;
  }
}
