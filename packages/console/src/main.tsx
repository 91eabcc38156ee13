import { MutationCache, QueryCache, QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import './ui/browser/style-nonce.ts';
import { isSignedIn, setSession } from './api/client.ts';
import { isSignedOut, isTransient } from './api/failure.ts';
import { focusPages } from './app-shell/page-focus.ts';
import { applyTheme } from './app-shell/theme.ts';
import { makeRouter, prefetchFirstPage } from './router.tsx';
import './styles.css';

applyTheme();

/** Users who are signed out during work get a message and return to the same page. */
const onError = (error: unknown) => {
  if (!isSignedOut(error) || !isSignedIn()) return;
  setSession(null);
  const { href } = router.state.location;
  void router.navigate({ to: '/sign-in', search: { to: href, error: 'SIGNED_OUT' } });
};
const queries = new QueryClient({
  queryCache: new QueryCache({ onError }),
  mutationCache: new MutationCache({ onError }),
  defaultOptions: {
    // A change without a network fails visibly instead of waiting.
    mutations: { networkMode: 'always' },
    queries: {
      networkMode: 'always',
      refetchOnReconnect: true,
      retry: (failures, error) => failures < 1 && isTransient(error),
      retryDelay: 500,
      staleTime: 5_000,
    },
  },
});
const router = makeRouter(queries);
prefetchFirstPage(router);
focusPages(router);

const root = document.getElementById('root');
if (!root) throw new Error('the page has no #root');
createRoot(root).render(
  <StrictMode>
    <QueryClientProvider client={queries}>
      <RouterProvider router={router} />
    </QueryClientProvider>
  </StrictMode>,
);
