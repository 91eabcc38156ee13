import { WifiOff } from 'lucide-react';
import { useSyncExternalStore } from 'react';

export function Offline() {
  const isOnline = useSyncExternalStore(subscribe, () => navigator.onLine);
  return (
    <p role="status" className="sticky top-0 z-20">
      {!isOnline && (
        <span className="flex items-center justify-center gap-2 bg-warn-soft px-3 py-1.5 text-warn">
          <WifiOff aria-hidden size={14} className="shrink-0" />
          You are offline. What you see may be out of date.
        </span>
      )}
    </p>
  );
}

function subscribe(listener: () => void): () => void {
  window.addEventListener('online', listener);
  window.addEventListener('offline', listener);
  return () => {
    window.removeEventListener('online', listener);
    window.removeEventListener('offline', listener);
  };
}
