import { Headphones, Volume2, VolumeX } from 'lucide-react';
import { Suspense, useEffect, useRef } from 'react';
import { lazyPart } from '../../ui/browser/lazy-part.ts';
import { IconButton } from '../../ui/button.tsx';
import { useCompact } from '../transcript/compact.ts';
import type { Player } from './player.ts';
import { Seekable } from './seekable.tsx';
import type { Recording } from './tracks.ts';
import { useSeekableSource } from './use-seekable-source.ts';

const Waveform = lazyPart(() => import('./waveform.tsx'), 'Waveform');
const HEIGHT = { usual: 36, compact: 18 } as const;

interface TrackSoundProps {
  readonly recording: Recording;
  readonly isAudible: boolean;
  readonly isMuted: boolean;
  readonly onMute: () => void;
  readonly isSolo: boolean;
  readonly hasFailed: boolean;
  readonly onSolo: (() => void) | null;
}

interface Props extends TrackSoundProps {
  readonly player: Player;
  readonly peaks: number[][] | null;
  readonly duration: number;
  readonly offset: number;
  readonly length: number;
  readonly onError: () => void;
}

export function TrackRow(props: Props) {
  const { recording, isAudible, isMuted, player, peaks, duration, offset, length, onError } = props;
  const isCompact = useCompact();
  const height = isCompact ? HEIGHT.compact : HEIGHT.usual;
  const audio = useRef<HTMLAudioElement>(null);
  const source = useSeekableSource(recording, duration);
  // biome-ignore lint/correctness/useExhaustiveDependencies: audible recordings have an element
  useEffect(() => {
    player.setTrack(recording.id, audio.current, offset);
    return () => player.setTrack(recording.id, null, 0);
  }, [player, recording.id, offset, isAudible]);
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
      {isAudible && (
        <audio
          ref={audio}
          data-track={recording.id}
          src={source ?? undefined}
          preload="metadata"
          muted={isMuted}
          onError={onError}
        />
      )}
    </div>
  );
}

export function TrackSound(props: TrackSoundProps) {
  const { recording, isAudible, isMuted, onMute, isSolo, hasFailed, onSolo } = props;
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
      {isAudible ? (
        <IconButton
          label={`${isMuted ? 'Unmute' : 'Mute'} ${recording.label}`}
          icon={isMuted ? VolumeX : Volume2}
          iconSize={15}
          aria-pressed={isMuted}
          onClick={onMute}
        />
      ) : (
        <span className="size-8 shrink-0" />
      )}
      {onSolo && (
        <IconButton
          label={`Play only ${recording.label}`}
          icon={Headphones}
          iconSize={15}
          aria-pressed={isSolo}
          disabled={hasFailed}
          look={isSolo ? 'primary' : 'quiet'}
          onClick={onSolo}
        />
      )}
    </>
  );
}
