import { Wrench } from 'lucide-react';
import { Badge } from '../../ui/badge.tsx';
import { Latency } from '../latency.tsx';
import type { Message } from '../player/timeline.ts';

export function ToolCallRow({ message }: { readonly message: Message }) {
  const call = message.ToolCall;
  return (
    <div className="rounded-lg border border-line bg-surface px-3 py-2">
      <div className="flex flex-wrap items-center gap-2">
        <Wrench aria-hidden size={14} className="text-ink-faint" />
        <span className="font-mono text-xs font-medium">{call?.Name ?? 'Tool'}</span>
        {call?.IsError && <Badge tone="bad">Failed</Badge>}
        <Latency milliseconds={call?.LatencyMs ?? null} />
      </div>
      {message.Content !== '' && (
        <p className="mt-1 break-words whitespace-pre-wrap text-ink-soft" dir="auto">
          {message.Content}
        </p>
      )}
      {call && <Json label="Arguments" value={call.Arguments} />}
      {call?.Result !== undefined && <Json label="Result" value={call.Result} />}
    </div>
  );
}

export function Json({ label, value }: { readonly label: string; readonly value: unknown }) {
  return (
    <details className="mt-1">
      <summary className="min-h-6 w-fit rounded py-0.5 text-xs text-ink-soft hover:text-ink">
        {label}
      </summary>
      <pre
        dir="ltr"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: keys scroll it
        tabIndex={0}
        className="mt-1 max-h-80 overflow-auto rounded-md bg-sunken p-2 font-mono text-xs"
      >
        {JSON.stringify(value, null, 2)}
      </pre>
    </details>
  );
}
