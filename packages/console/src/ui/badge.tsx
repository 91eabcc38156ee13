import type { ReactNode } from 'react';
import { classNames } from './class-names.ts';

const TONES = {
  neutral: 'bg-sunken text-ink-soft',
  accent: 'bg-accent-soft text-accent-strong',
  good: 'bg-good-soft text-good',
  warn: 'bg-warn-soft text-warn',
  bad: 'bg-bad-soft text-bad',
  info: 'bg-info-soft text-info',
} as const;
export type Tone = keyof typeof TONES;

interface Props {
  readonly tone?: Tone;
  readonly isLive?: boolean;
  readonly children: ReactNode;
}

export function Badge({ tone = 'neutral', isLive = false, children }: Props) {
  return (
    <span
      className={classNames(
        'inline-flex items-center gap-1.5 rounded-full px-2 py-0.5 text-xs font-medium whitespace-nowrap',
        TONES[tone],
      )}
    >
      {isLive && <span aria-hidden className="size-1.5 rounded-full bg-current animate-live" />}
      {children}
    </span>
  );
}
