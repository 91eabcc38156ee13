import { useQueries } from '@tanstack/react-query';
import { useEffect, useMemo, useRef, useState } from 'react';
import { opQuery } from '../../api/use-op.ts';
import { useBusinessId } from '../../app-shell/business.ts';
import { Button } from '../../ui/button.tsx';
import { toggled } from '../../ui/forms/check.tsx';
import { useCompact } from '../transcript/compact.ts';
import type { Player } from './player.ts';
import { PlayerControls } from './player-controls.tsx';
import { findSilences, type MessageEntry } from './timeline.ts';
import { TrackRow, TrackSound } from './track-row.tsx';
import { computeOffset, type Recording } from './tracks.ts';

const PEAKS_RETRY_MILLISECONDS = 5_000;
const MAX_PEAKS_RETRIES = 12;
/** URLs are valid longer than this: a recording that fails again sooner cannot be played at all. */
const RENEWED_MILLISECONDS = 60_000;

interface Props {
  readonly sessionId: string;
  readonly player: Player;
  readonly recordings: readonly Recording[];
  readonly messages: readonly MessageEntry[];
  readonly length: number;
  readonly renew: (id: string) => Promise<boolean>;
}

export function PlayerBar(props: Props) {
  const { player, recordings, length, renew } = props;
  const tracks = useTracks(props);
  const isCompact = useCompact();
  const { failed, onError, onRetry } = useFailedRecordings(renew);
  const soundOf = useSounds(recordings, failed);
  useEffect(() => () => player.pause(), [player]);
  return (
    <section
      aria-label="Recording"
      className={`border-b border-line bg-surface ${isCompact ? 'px-3 py-1' : 'px-4 py-3'}`}
    >
      <div className={`flex flex-col ${isCompact ? '' : 'gap-1'}`}>
        {tracks.map(({ recording, wave, duration, offset }) => (
          <TrackRow
            key={recording.id}
            {...soundOf(recording)}
            player={player}
            peaks={wave?.Peaks ?? null}
            duration={duration ?? 0}
            offset={offset}
            length={length}
            onError={() => onError(recording.id)}
          />
        ))}
      </div>
      {failed.length > 0 && (
        <div role="alert" className="flex flex-wrap items-center gap-x-3 gap-y-1 text-bad">
          <p>
            {recordings
              .filter(({ id }) => failed.includes(id))
              .map(({ id, label }) => (
                <span key={id}>
                  The recording of <bdi>{label}</bdi> cannot be played.{' '}
                </span>
              ))}
          </p>
          <Button onClick={onRetry}>Try again</Button>
        </div>
      )}
      <PlayerControls
        player={player}
        length={length}
        more={recordings.map((recording) => (
          <div key={recording.id} className="mt-1 flex items-center gap-1">
            <TrackSound {...soundOf(recording)} />
          </div>
        ))}
      />
    </section>
  );
}

function useTracks({ sessionId, player, recordings, messages, length }: Props) {
  const businessId = useBusinessId();
  const waves = useQueries({
    queries: recordings.map(({ id }) => ({
      ...opQuery('GetRecordingPeaks', { businessId, sessionId, participantId: id }),
      staleTime: Number.POSITIVE_INFINITY,
      // The server computes the peaks of a new recording within seconds.
      refetchInterval: ({ state }: { state: { error: unknown; errorUpdateCount: number } }) =>
        state.error !== null &&
        state.errorUpdateCount < MAX_PEAKS_RETRIES &&
        PEAKS_RETRY_MILLISECONDS,
    })),
    combine: dataOf,
  });
  const tracks = useMemo(
    () =>
      recordings.map((recording, index) => {
        const wave = waves[index];
        const duration = wave ? wave.DurationSeconds * 1000 : recording.duration;
        const offset = duration === null ? 0 : computeOffset(recording, duration, length);
        return { recording, wave, duration, offset };
      }),
    [recordings, waves, length],
  );
  useEffect(() => {
    const peaks = tracks.flatMap(({ wave, offset }) =>
      wave ? [{ offset, perSecond: wave.PeaksPerSecond, peaks: wave.Peaks }] : [],
    );
    // A track without peaks may contain speech at any time.
    const isComplete = peaks.length === tracks.length;
    player.setSilences(isComplete ? findSilences(peaks, messages, length) : []);
  }, [player, tracks, messages, length]);
  return tracks;
}

function useSounds(recordings: readonly Recording[], failed: readonly string[]) {
  const [muted, setMuted] = useState<readonly string[]>([]);
  const [chosen, setSolo] = useState<string | null>(null);
  const solo = chosen !== null && failed.includes(chosen) ? null : chosen;
  const mixed = recordings.find(({ id }) => id === '_mixed' && !failed.includes(id));
  const isAudible = (id: string) =>
    !failed.includes(id) && (solo === null ? mixed === undefined || mixed.id === id : solo === id);
  return (recording: Recording) => {
    const { id } = recording;
    const isMuted = muted.includes(id);
    return {
      recording,
      isAudible: isAudible(id),
      isMuted,
      onMute: () => setMuted(toggled(muted, id)),
      isSolo: solo === id,
      hasFailed: failed.includes(id),
      onSolo: recordings.length > 1 ? () => setSolo(solo === id ? null : id) : null,
    };
  };
}

function useFailedRecordings(renew: Props['renew']) {
  const [failed, setFailed] = useState<readonly string[]>([]);
  const renewedAt = useRef(new Map<string, number>());
  const fail = (id: string) => setFailed((before) => [...before.filter((one) => one !== id), id]);
  const onError = async (id: string) => {
    const before = renewedAt.current.get(id) ?? Number.NEGATIVE_INFINITY;
    if (Date.now() - before < RENEWED_MILLISECONDS) return fail(id);
    renewedAt.current.set(id, Date.now());
    if (!(await renew(id))) fail(id);
  };
  const onRetry = () => {
    renewedAt.current.clear();
    setFailed([]);
  };
  return { failed, onError: (id: string) => void onError(id), onRetry };
}

const dataOf = <T,>(results: readonly { data: T }[]): T[] => results.map(({ data }) => data);
