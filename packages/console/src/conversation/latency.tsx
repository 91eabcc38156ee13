const SLOW = 1_500;

/** How long somebody was waited for; nothing where that is not known. */
export function Latency({ milliseconds }: { readonly milliseconds: number | null }) {
  if (milliseconds === null) return null;
  return (
    <span
      title="Latency"
      className={`tabular text-xs ${milliseconds >= SLOW ? 'text-warn' : 'text-ink-faint'}`}
    >
      {Math.round(milliseconds).toLocaleString()} ms
    </span>
  );
}
