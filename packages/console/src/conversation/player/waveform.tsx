import { useEffect, useRef } from 'react';
import WaveSurfer from 'wavesurfer.js';
import { STYLE_NONCE } from '../../ui/browser/style-nonce.ts';
import { readColour, useThemeChanges } from '../../ui/charts/colours.ts';

interface Props {
  readonly peaks: number[][];
  /** Seconds. */
  readonly duration: number;
  readonly isAgent: boolean;
  /** Pixels. */
  readonly height: number;
}

export function Waveform({ peaks, duration, isAgent, height }: Props) {
  const container = useRef<HTMLDivElement>(null);
  const theme = useThemeChanges();
  // biome-ignore lint/correctness/useExhaustiveDependencies: another theme has other colours
  useEffect(() => {
    const element = container.current;
    if (!element) return;
    const drawn = WaveSurfer.create({
      container: element,
      height,
      peaks,
      duration,
      interact: false,
      barWidth: 2,
      barGap: 1,
      barRadius: 1,
      barMinHeight: 1,
      cursorWidth: 0,
      waveColor: readColour(element, isAgent ? '--color-accent' : '--color-info'),
      hideScrollbar: true,
      ...(STYLE_NONCE !== undefined && { cspNonce: STYLE_NONCE }),
    });
    return () => drawn.destroy();
  }, [peaks, duration, isAgent, height, theme]);
  return <div ref={container} aria-hidden style={{ height }} />;
}
