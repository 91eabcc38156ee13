import { MutationCache, QueryCache, QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import './ui/style-nonce.ts';
import { isPassing, isSignedOut } from './api/failure.ts';
import { applyTheme } from './frame/theme.ts';
import { makeRouter } from './router.tsx';
import './styles.css';

applyTheme();

/** Whoever was signed out while at work comes back to the same page. */
const onError = (error: unknown) => {
  if (!isSignedOut(error) || router.state.location.pathname.endsWith('/sign-in')) return;
  void router.navigate({ to: '/sign-in', search: { to: router.state.location.href } });
};
const queries = new QueryClient({
  queryCache: new QueryCache({ onError }),
  mutationCache: new MutationCache({ onError }),
  defaultOptions: {
    queries: {
      retry: (failures, error) => failures < 1 && isPassing(error),
      retryDelay: 500,
      staleTime: 5_000,
    },
  },
});
const router = makeRouter(queries);

const root = document.getElementById('root');
if (!root) throw new Error('the page has no #root');
createRoot(root).render(
  <StrictMode>
    <QueryClientProvider client={queries}>
      <RouterProvider router={router} />
    </QueryClientProvider>
  </StrictMode>,
);
