import { MutationCache, QueryCache, QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import './ui/browser/style-nonce.ts';
import { holdSession, isSomebodyHere } from './api/client.ts';
import { isPassing, isSignedOut } from './api/failure.ts';
import { focusPages } from './app-shell/page-focus.ts';
import { applyTheme } from './app-shell/theme.ts';
import { fetchAhead, makeRouter } from './router.tsx';
import './styles.css';

applyTheme();

/** Whoever was signed out while at work is told, and comes back to the same page. */
const onError = (error: unknown) => {
  if (!isSignedOut(error) || !isSomebodyHere()) return;
  holdSession(null);
  const { href } = router.state.location;
  void router.navigate({ to: '/sign-in', search: { to: href, error: 'SIGNED_OUT' } });
};
const queries = new QueryClient({
  queryCache: new QueryCache({ onError }),
  mutationCache: new MutationCache({ onError }),
  defaultOptions: {
    // A request that fails says more than one that waits for the network without a word.
    mutations: { networkMode: 'always' },
    queries: {
      networkMode: 'always',
      refetchOnReconnect: true,
      retry: (failures, error) => failures < 1 && isPassing(error),
      retryDelay: 500,
      staleTime: 5_000,
    },
  },
});
const router = makeRouter(queries);
fetchAhead(router);
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
