import { formatCount } from '../ui/text/count.ts';

const SLOW = 1_500;

interface Props {
  readonly milliseconds: number | null;
  readonly metrics?: Readonly<Record<string, number>> | null | undefined;
}

export function Latency({ milliseconds, metrics }: Props) {
  if (milliseconds === null) return null;
  const all = Object.entries(metrics ?? {}).map(([name, value]) => `${name} ${Math.round(value)}`);
  return (
    <span
      title={all.length > 0 ? all.join(', ') : 'Latency'}
      className={`tabular text-xs ${milliseconds >= SLOW ? 'text-warn' : 'text-ink-faint'}`}
    >
      {formatCount(Math.round(milliseconds))} ms
    </span>
  );
}
