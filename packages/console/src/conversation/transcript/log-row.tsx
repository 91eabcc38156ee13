import { memo } from 'react';
import { Badge, type Tone } from '../../ui/badge.tsx';
import { formatDuration } from '../../ui/text/time.tsx';
import type { Log } from '../player/timeline.ts';
import { Json } from './tool-call.tsx';

const TONES: Partial<Record<Log['Level'], Tone>> = {
  Warning: 'warn',
  Error: 'bad',
  Critical: 'bad',
  Info: 'info',
};

interface Props {
  readonly log: Log;
  readonly at: number;
}

export const LogRow = memo(function LogRow({ log, at }: Props) {
  return (
    <div className="flex gap-3 border-s-2 border-transparent px-4 py-1 text-xs">
      <span className="w-14 shrink-0 ps-4 text-ink-faint tabular">{formatDuration(at)}</span>
      <div className="min-w-0 flex-1">
        <Badge tone={TONES[log.Level] ?? 'neutral'}>{log.Level}</Badge>{' '}
        {log.Source != null && <span className="font-mono text-ink-faint">{log.Source} </span>}
        <span className="break-words text-ink-soft" dir="auto">
          {log.Message}
        </span>
        {log.Details != null && <Json label="Details" value={log.Details} />}
      </div>
    </div>
  );
});
