import { AudioLines, Pause, Play, SlidersHorizontal } from 'lucide-react';
import type { ReactNode } from 'react';
import { Button, IconButton } from '../../ui/button.tsx';
import { SELECT } from '../../ui/forms/select.ts';
import { Popover } from '../../ui/overlays/popover.tsx';
import { formatDuration } from '../../ui/text/time.tsx';
import { useCompact } from '../transcript/compact.ts';
import { type Player, RATES, usePlayer } from './player.ts';

/** In a small window, all controls but the time are in a menu, with `more`. */
export function PlayerControls({
  player,
  length,
  more,
}: {
  readonly player: Player;
  readonly length: number;
  readonly more: ReactNode;
}) {
  const isPlaying = usePlayer(player, (state) => state.isPlaying);
  const isWaiting = usePlayer(player, (state) => state.isWaiting);
  const isCompact = useCompact();
  const waiting = (
    <span role="status" className="text-ink-faint empty:hidden">
      {isWaiting && 'Waiting for the recording…'}
    </span>
  );
  if (isCompact) {
    return (
      <div className="mt-1 flex flex-wrap items-center gap-2">
        <IconButton
          label={isPlaying ? 'Pause' : 'Play'}
          look="primary"
          onClick={() => player.toggle()}
        >
          <PlayIcon isPlaying={isPlaying} />
        </IconButton>
        <TimeSlider player={player} length={length} />
        <Popover
          label="Playback"
          trigger={
            <IconButton label="Playback">
              <SlidersHorizontal aria-hidden size={16} />
            </IconButton>
          }
        >
          <div className="flex flex-wrap gap-2">
            <Speed player={player} />
            <SkipSilence player={player} />
          </div>
          {more}
        </Popover>
        {waiting}
      </div>
    );
  }
  return (
    <div className="mt-2 flex flex-wrap items-center gap-2">
      <Button look="primary" onClick={() => player.toggle()} className="w-24">
        <PlayIcon isPlaying={isPlaying} />
        {isPlaying ? 'Pause' : 'Play'}
      </Button>
      <TimeSlider player={player} length={length} />
      {waiting}
      <Speed player={player} />
      <SkipSilence player={player} />
    </div>
  );
}

const PlayIcon = ({ isPlaying }: { readonly isPlaying: boolean }) =>
  isPlaying ? <Pause aria-hidden size={15} /> : <Play aria-hidden size={15} />;

function Speed({ player }: { readonly player: Player }) {
  const rate = usePlayer(player, (state) => state.rate);
  return (
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
  );
}

function SkipSilence({ player }: { readonly player: Player }) {
  const skips = usePlayer(player, (state) => state.skipsSilence);
  return (
    <Button aria-pressed={skips} onClick={() => player.setSkipsSilence(!skips)}>
      <AudioLines aria-hidden size={15} />
      {skips ? 'Skipping silence' : 'Skip silence'}
    </Button>
  );
}

function TimeSlider({ player, length }: { readonly player: Player; readonly length: number }) {
  const time = usePlayer(player, (state) => Math.floor(state.time / 100) * 100);
  return (
    <div className="flex min-w-32 flex-1 items-center gap-2">
      <input
        type="range"
        aria-label="Time"
        aria-valuetext={`${formatDuration(time)} of ${formatDuration(length)}`}
        min={0}
        max={length}
        step={100}
        value={time}
        onChange={({ target }) => player.seek(Number(target.value))}
        className="min-w-0 flex-1 accent-accent"
      />
      <span className="tabular text-ink-soft">
        {formatDuration(time)} / {formatDuration(length)}
      </span>
    </div>
  );
}
