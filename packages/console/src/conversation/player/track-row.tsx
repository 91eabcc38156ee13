import { Headphones, Volume2, VolumeX } from 'lucide-react';
import { Suspense, useEffect, useRef } from 'react';
import { lazyPart } from '../../ui/browser/lazy-part.ts';
import { IconButton } from '../../ui/button.tsx';
import { useCompact } from '../transcript/compact.ts';
import type { Player } from './player.ts';
import { Seekable } from './seekable.tsx';
import type { Recording } from './tracks.ts';
import { useSeekableSource } from './use-seekable-source.ts';

const Waveform = lazyPart(() => import('./waveform.tsx').then(({ Waveform }) => Waveform));
/** Pixels. */
const HEIGHT = { usual: 36, compact: 18 } as const;

interface Heard {
  readonly recording: Recording;
  readonly sounds: boolean;
  readonly isMuted: boolean;
  readonly onMute: () => void;
  readonly isAlone: boolean;
  /** It cannot be played. */
  readonly isLost: boolean;
  /** Listens to it alone, or to all again; null where it is the only one. */
  readonly onAlone: (() => void) | null;
}

interface Props extends Heard {
  readonly player: Player;
  readonly peaks: number[][] | null;
  readonly duration: number;
  readonly offset: number;
  readonly length: number;
  readonly onBroken: () => void;
}

/** A recording on the time line; in a small window only its shape, and what it is heard by is elsewhere. */
export function TrackRow(props: Props) {
  const { recording, sounds, isMuted, player, peaks, duration, offset, length, onBroken } = props;
  const isCompact = useCompact();
  const height = isCompact ? HEIGHT.compact : HEIGHT.usual;
  const audio = useRef<HTMLAudioElement>(null);
  const source = useSeekableSource(recording, duration);
  // biome-ignore lint/correctness/useExhaustiveDependencies: what sounds has an element
  useEffect(() => {
    player.setTrack(recording.id, audio.current, offset);
    return () => player.setTrack(recording.id, null, 0);
  }, [player, recording.id, offset, sounds]);
  const percent = (milliseconds: number) => `${(100 * milliseconds) / length}%`;
  return (
    <div className="flex items-center gap-2">
      {!isCompact && <TrackSound {...props} />}
      <Seekable player={player} length={length}>
        {peaks === null ? (
          <div className="grid items-center" style={{ height }}>
            <div className="h-px bg-line-strong" />
          </div>
        ) : (
          <div style={{ marginInlineStart: percent(offset), width: percent(duration) }}>
            <Suspense fallback={<div style={{ height }} />}>
              <Waveform
                peaks={peaks}
                duration={duration / 1000}
                isAgent={recording.isAgent}
                height={height}
              />
            </Suspense>
          </div>
        )}
      </Seekable>
      {sounds && (
        <audio
          ref={audio}
          data-track={recording.id}
          src={source ?? undefined}
          preload="metadata"
          muted={isMuted}
          onError={onBroken}
        />
      )}
    </div>
  );
}

/** Whose recording it is, and what it is silenced or listened to alone by. */
export function TrackSound({
  recording,
  sounds,
  isMuted,
  onMute,
  isAlone,
  isLost,
  onAlone,
}: Heard) {
  return (
    <>
      <span className="w-20 min-w-0 shrink-0 grow sm:w-32 sm:grow-0">
        <span
          className="block w-fit max-w-full truncate text-xs text-ink-soft"
          dir="auto"
          title={recording.label}
        >
          {recording.label}
        </span>
      </span>
      {sounds ? (
        <IconButton
          label={`${isMuted ? 'Unmute' : 'Mute'} ${recording.label}`}
          aria-pressed={isMuted}
          onClick={onMute}
        >
          {isMuted ? <VolumeX aria-hidden size={15} /> : <Volume2 aria-hidden size={15} />}
        </IconButton>
      ) : (
        <span className="size-8 shrink-0" />
      )}
      {onAlone && (
        <IconButton
          label={`Play only ${recording.label}`}
          aria-pressed={isAlone}
          disabled={isLost}
          look={isAlone ? 'primary' : 'quiet'}
          onClick={onAlone}
        >
          <Headphones aria-hidden size={15} />
        </IconButton>
      )}
    </>
  );
}
