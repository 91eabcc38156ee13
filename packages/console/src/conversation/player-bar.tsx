import { useQueries } from '@tanstack/react-query';
import { AudioLines, Headphones, Pause, Play, Volume2, VolumeX } from 'lucide-react';
import { type PointerEvent, Suspense, useEffect, useMemo, useRef, useState } from 'react';
import { opQuery } from '../api/use-op.ts';
import { useBusinessId } from '../frame/business.ts';
import { Button, IconButton } from '../ui/button.tsx';
import { lazyPart } from '../ui/lazy-part.ts';
import { SELECT } from '../ui/select.ts';
import { durationText } from '../ui/time.tsx';
import { type Player, RATES, usePlayer } from './player.ts';
import { type MessageEntry, silencesOf } from './timeline.ts';
import { offsetOf, type Recording } from './tracks.ts';

const Waveform = lazyPart(() => import('./waveform.tsx').then(({ Waveform }) => Waveform));

const LOOK_MILLISECONDS = 5_000;
const MOST_LOOKS = 12;
/** An address is good for longer: what breaks again before that is broken for good. */
const RENEWED_MILLISECONDS = 60_000;

interface Props {
  readonly sessionId: string;
  readonly player: Player;
  readonly recordings: readonly Recording[];
  readonly messages: readonly MessageEntry[];
  /** Milliseconds. */
  readonly length: number;
  /** Has a recording at another address; false where there is none. */
  readonly renew: (id: string) => Promise<boolean>;
}

/** The recordings of a conversation, one under the other on one time line, and what plays them. */
export function PlayerBar({ sessionId, player, recordings, messages, length, renew }: Props) {
  const businessId = useBusinessId();
  const waves = useQueries({
    queries: recordings.map(({ id }) => ({
      ...opQuery('GetRecordingPeaks', { businessId, sessionId, participantId: id }),
      staleTime: Number.POSITIVE_INFINITY,
      // Those of a recording that has just come in are made within seconds.
      refetchInterval: ({ state }: { state: { error: unknown; errorUpdateCount: number } }) =>
        state.error !== null && state.errorUpdateCount < MOST_LOOKS && LOOK_MILLISECONDS,
    })),
    combine: dataOf,
  });
  const tracks = useMemo(
    () =>
      recordings.map((recording, index) => {
        const wave = waves[index];
        const duration = wave ? wave.DurationSeconds * 1000 : recording.duration;
        const offset = duration === null ? 0 : offsetOf(recording, duration);
        return { recording, wave, duration, offset };
      }),
    [recordings, waves],
  );
  useEffect(() => {
    const heard = tracks.flatMap(({ wave, offset }) =>
      wave ? [{ offset, perSecond: wave.PeaksPerSecond, peaks: wave.Peaks }] : [],
    );
    // A side of which nothing is known may speak at any time.
    const isKnown = heard.length === tracks.length;
    player.setSilences(isKnown ? silencesOf(heard, messages, length) : []);
  }, [player, tracks, messages, length]);
  const [chosen, setAlone] = useState<string | null>(null);
  const { lost, onBroken, tryAgain } = useLost(renew);
  // Whoever listened to one that cannot be played hears the others.
  const alone = chosen !== null && lost.includes(chosen) ? null : chosen;
  useEffect(() => () => player.pause(), [player]);
  // A recording of everybody is what sounds, where there is one and no side is listened to alone.
  const mixed = recordings.find(({ id }) => id === '_mixed' && !lost.includes(id));
  const sounds = ({ id }: Recording) =>
    !lost.includes(id) && (alone === null ? mixed === undefined || mixed.id === id : alone === id);
  return (
    <section aria-label="Recording" className="border-b border-line bg-surface px-4 py-3">
      <div className="flex flex-col gap-1">
        {tracks.map(({ recording, wave, duration, offset }) => (
          <TrackRow
            key={recording.id}
            player={player}
            recording={recording}
            peaks={wave?.Peaks ?? null}
            duration={duration ?? 0}
            offset={offset}
            length={length}
            sounds={sounds(recording)}
            isAlone={alone === recording.id}
            isLost={lost.includes(recording.id)}
            {...(recordings.length > 1 && {
              onAlone: () => setAlone(alone === recording.id ? null : recording.id),
            })}
            onBroken={() => onBroken(recording.id)}
          />
        ))}
      </div>
      {lost.length > 0 && (
        <div role="alert" className="flex flex-wrap items-center gap-x-3 gap-y-1 text-bad">
          <p>
            {recordings
              .filter(({ id }) => lost.includes(id))
              .map(({ id, label }) => (
                <span key={id}>
                  The recording of <bdi>{label}</bdi> cannot be played.{' '}
                </span>
              ))}
          </p>
          <Button onClick={tryAgain}>Try again</Button>
        </div>
      )}
      <Controls player={player} length={length} />
    </section>
  );
}

/** The recordings that cannot be played: those that break again soon after they had another address. */
function useLost(renew: Props['renew']) {
  const [lost, setLost] = useState<readonly string[]>([]);
  const renewedAt = useRef(new Map<string, number>());
  const lose = (id: string) => setLost((before) => [...before.filter((one) => one !== id), id]);
  const onBroken = async (id: string) => {
    const before = renewedAt.current.get(id) ?? Number.NEGATIVE_INFINITY;
    if (Date.now() - before < RENEWED_MILLISECONDS) return lose(id);
    renewedAt.current.set(id, Date.now());
    if (!(await renew(id))) lose(id);
  };
  const tryAgain = () => {
    renewedAt.current.clear();
    setLost([]);
  };
  return { lost, onBroken: (id: string) => void onBroken(id), tryAgain };
}

const dataOf = <T,>(results: readonly { data: T }[]): T[] => results.map(({ data }) => data);

function TrackRow({
  player,
  recording,
  peaks,
  duration,
  offset,
  length,
  sounds,
  isAlone,
  isLost,
  onAlone,
  onBroken,
}: {
  readonly player: Player;
  readonly recording: Recording;
  readonly peaks: number[][] | null;
  readonly duration: number;
  readonly offset: number;
  readonly length: number;
  readonly sounds: boolean;
  readonly isAlone: boolean;
  /** It cannot be played. */
  readonly isLost: boolean;
  /** Listens to it alone, or to all again; absent where it is the only one. */
  readonly onAlone?: () => void;
  readonly onBroken: () => void;
}) {
  const [isMuted, setMuted] = useState(false);
  const audio = useRef<HTMLAudioElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: what sounds has an element
  useEffect(() => {
    player.setTrack(recording.id, audio.current, offset);
    return () => player.setTrack(recording.id, null, 0);
  }, [player, recording.id, offset, sounds]);
  const percent = (milliseconds: number) => `${(100 * milliseconds) / length}%`;
  return (
    <div className="flex items-center gap-2">
      <span className="w-20 shrink-0 truncate text-xs text-ink-soft sm:w-32" dir="auto">
        {recording.label}
      </span>
      {sounds ? (
        <IconButton
          label={`${isMuted ? 'Unmute' : 'Mute'} ${recording.label}`}
          aria-pressed={isMuted}
          onClick={() => setMuted(!isMuted)}
        >
          {isMuted ? <VolumeX aria-hidden size={15} /> : <Volume2 aria-hidden size={15} />}
        </IconButton>
      ) : (
        <span className="size-8 shrink-0" />
      )}
      {onAlone && (
        <IconButton
          label={`Only ${recording.label}`}
          aria-pressed={isAlone}
          disabled={isLost}
          look={isAlone ? 'primary' : 'quiet'}
          onClick={onAlone}
        >
          <Headphones aria-hidden size={15} />
        </IconButton>
      )}
      <Seekable player={player} length={length}>
        {peaks === null ? (
          <div className="grid h-9 items-center">
            <div className="h-px bg-line-strong" />
          </div>
        ) : (
          <div style={{ marginInlineStart: percent(offset), width: percent(duration) }}>
            <Suspense fallback={<div className="h-9" />}>
              <Waveform peaks={peaks} duration={duration / 1000} isAgent={recording.isAgent} />
            </Suspense>
          </div>
        )}
      </Seekable>
      {sounds && (
        <audio
          ref={audio}
          data-track={recording.id}
          src={recording.url}
          preload="metadata"
          muted={isMuted}
          onError={onBroken}
        />
      )}
    </div>
  );
}

/** A stretch of the time line: what lies in it is played from where it is clicked. */
function Seekable({
  player,
  length,
  children,
}: {
  readonly player: Player;
  readonly length: number;
  readonly children: React.ReactNode;
}) {
  const seek = (event: PointerEvent<HTMLDivElement>) => {
    const { left, width } = event.currentTarget.getBoundingClientRect();
    player.seek(((event.clientX - left) / width) * length);
  };
  return (
    // By keys the slider below does the same.
    <div
      dir="ltr"
      className="relative min-w-0 flex-1 cursor-pointer overflow-hidden"
      onPointerDown={seek}
      onPointerMove={(event) => event.buttons === 1 && seek(event)}
    >
      {children}
      <Playhead player={player} length={length} />
    </div>
  );
}

function Playhead({ player, length }: { readonly player: Player; readonly length: number }) {
  const time = usePlayer(player, ({ time }) => time);
  return (
    <div
      aria-hidden
      className="pointer-events-none absolute inset-y-0 start-0 border-e-2 border-ink bg-ink/8"
      style={{ width: `${(100 * time) / length}%` }}
    />
  );
}

function Controls({ player, length }: { readonly player: Player; readonly length: number }) {
  const isPlaying = usePlayer(player, (state) => state.isPlaying);
  const rate = usePlayer(player, (state) => state.rate);
  const skips = usePlayer(player, (state) => state.skipsSilence);
  const isWaiting = usePlayer(player, (state) => state.isWaiting);
  return (
    <div className="mt-2 flex flex-wrap items-center gap-2">
      <Button look="primary" onClick={() => player.toggle()} className="w-24">
        {isPlaying ? <Pause aria-hidden size={15} /> : <Play aria-hidden size={15} />}
        {isPlaying ? 'Pause' : 'Play'}
      </Button>
      <TimeSlider player={player} length={length} />
      <span role="status" className="text-ink-faint empty:hidden">
        {isWaiting && 'Waiting for the recording…'}
      </span>
      <label className="flex items-center gap-1.5 text-ink-soft">
        Speed
        <select
          value={rate}
          onChange={({ target }) => player.setRate(Number(target.value))}
          className={SELECT}
        >
          {RATES.map((one) => (
            <option key={one} value={one}>
              {one}×
            </option>
          ))}
        </select>
      </label>
      <Button aria-pressed={skips} onClick={() => player.setSkipsSilence(!skips)}>
        <AudioLines aria-hidden size={15} />
        {skips ? 'Skipping silence' : 'Skip silence'}
      </Button>
    </div>
  );
}

function TimeSlider({ player, length }: { readonly player: Player; readonly length: number }) {
  const time = usePlayer(player, (state) => Math.floor(state.time / 100) * 100);
  return (
    <div className="flex min-w-40 flex-1 items-center gap-2">
      <input
        type="range"
        aria-label="Time"
        aria-valuetext={`${durationText(time)} of ${durationText(length)}`}
        min={0}
        max={length}
        step={100}
        value={time}
        onChange={({ target }) => player.seek(Number(target.value))}
        className="min-w-0 flex-1 accent-accent"
      />
      <span className="tabular text-ink-soft">
        {durationText(time)} / {durationText(length)}
      </span>
    </div>
  );
}
