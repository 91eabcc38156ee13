import { useQueries } from '@tanstack/react-query';
import { useEffect, useMemo, useRef, useState } from 'react';
import { opQuery } from '../../api/use-op.ts';
import { useBusinessId } from '../../app-shell/business.ts';
import { Button } from '../../ui/button.tsx';
import { useCompact } from '../transcript/compact.ts';
import type { Player } from './player.ts';
import { PlayerControls } from './player-controls.tsx';
import { type MessageEntry, silencesOf } from './timeline.ts';
import { TrackRow, TrackSound } from './track-row.tsx';
import { offsetOf, type Recording } from './tracks.ts';

const LOOK_MILLISECONDS = 5_000;
const MAX_LOOKS = 12;
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
        state.error !== null && state.errorUpdateCount < MAX_LOOKS && LOOK_MILLISECONDS,
    })),
    combine: dataOf,
  });
  const tracks = useMemo(
    () =>
      recordings.map((recording, index) => {
        const wave = waves[index];
        const duration = wave ? wave.DurationSeconds * 1000 : recording.duration;
        const offset = duration === null ? 0 : offsetOf(recording, duration, length);
        return { recording, wave, duration, offset };
      }),
    [recordings, waves, length],
  );
  useEffect(() => {
    const heard = tracks.flatMap(({ wave, offset }) =>
      wave ? [{ offset, perSecond: wave.PeaksPerSecond, peaks: wave.Peaks }] : [],
    );
    // A side of which nothing is known may speak at any time.
    const isKnown = heard.length === tracks.length;
    player.setSilences(isKnown ? silencesOf(heard, messages, length) : []);
  }, [player, tracks, messages, length]);
  const isCompact = useCompact();
  const [muted, setMuted] = useState<readonly string[]>([]);
  const [chosen, setAlone] = useState<string | null>(null);
  const { lost, onBroken, tryAgain } = useLost(renew);
  // Whoever listened to one that cannot be played hears the others.
  const alone = chosen !== null && lost.includes(chosen) ? null : chosen;
  useEffect(() => () => player.pause(), [player]);
  // A recording of everybody is what sounds, where there is one and no side is listened to alone.
  const mixed = recordings.find(({ id }) => id === '_mixed' && !lost.includes(id));
  const sounds = ({ id }: Recording) =>
    !lost.includes(id) && (alone === null ? mixed === undefined || mixed.id === id : alone === id);
  const toggled = (ids: readonly string[], id: string) =>
    ids.includes(id) ? ids.filter((one) => one !== id) : [...ids, id];
  const heard = (recording: Recording) => ({
    recording,
    sounds: sounds(recording),
    isMuted: muted.includes(recording.id),
    onMute: () => setMuted(toggled(muted, recording.id)),
    isAlone: alone === recording.id,
    isLost: lost.includes(recording.id),
    onAlone:
      recordings.length > 1 ? () => setAlone(alone === recording.id ? null : recording.id) : null,
  });
  return (
    <section
      aria-label="Recording"
      className={`border-b border-line bg-surface ${isCompact ? 'px-3 py-1' : 'px-4 py-3'}`}
    >
      <div className={`flex flex-col ${isCompact ? '' : 'gap-1'}`}>
        {tracks.map(({ recording, wave, duration, offset }) => (
          <TrackRow
            key={recording.id}
            {...heard(recording)}
            player={player}
            peaks={wave?.Peaks ?? null}
            duration={duration ?? 0}
            offset={offset}
            length={length}
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
      <PlayerControls
        player={player}
        length={length}
        more={recordings.map((recording) => (
          <div key={recording.id} className="mt-1 flex items-center gap-1">
            <TrackSound {...heard(recording)} />
          </div>
        ))}
      />
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
