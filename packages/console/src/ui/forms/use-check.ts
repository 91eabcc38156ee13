import { useEffect, useState } from 'react';

/** null while running. A new request ends the previous worker; null starts nothing. */
export function useCheck<Request, Answer>(
  request: Request | null,
  open: () => Worker,
  failed: Answer,
): Answer | null {
  const [checked, setChecked] = useState<{ readonly request: Request; readonly answer: Answer }>();
  useEffect(() => {
    if (request === null) return;
    const worker = open();
    const settle = (answer: Answer) => setChecked({ request, answer });
    worker.onmessage = ({ data }: MessageEvent<Answer>) => settle(data);
    worker.onerror = () => settle(failed);
    worker.postMessage(request);
    return () => worker.terminate();
  }, [request, open, failed]);
  return checked !== undefined && checked.request === request ? checked.answer : null;
}
