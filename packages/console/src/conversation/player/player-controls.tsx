import { AudioLines, Pause, Play, SlidersHorizontal } from 'lucide-react';
import type { ReactNode } from 'react';
import { Button, IconButton } from '../../ui/button.tsx';
import { InlineSelect } from '../../ui/forms/field.tsx';
import { Popover } from '../../ui/overlays/popover.tsx';
import { formatDuration } from '../../ui/text/time.tsx';
import { useCompact } from '../transcript/compact.ts';
import { type Player, RATES, usePlayer } from './player.ts';

interface Props {
  readonly player: Player;
  readonly length: number;
  readonly more: ReactNode;
}

/** In a small window, all controls but the time are in a menu, with `more`. */
export function PlayerControls({ player, length, more }: Props) {
  const isPlaying = usePlayer(player, (state) => state.isPlaying);
  const isWaiting = usePlayer(player, (state) => state.isWaiting);
  const isCompact = useCompact();
  const playLabel = isPlaying ? 'Pause' : 'Play';
  const playButton = {
    icon: isPlaying ? Pause : Play,
    iconSize: 15,
    look: 'primary' as const,
    onClick: () => player.toggle(),
  };
  const waiting = (
    <span role="status" className="text-ink-faint empty:hidden">
      {isWaiting && 'Waiting for the recording…'}
    </span>
  );
  if (isCompact) {
    return (
      <div className="mt-1 flex flex-wrap items-center gap-2">
        <IconButton label={playLabel} {...playButton} />
        <TimeSlider player={player} length={length} />
        <Popover
          label="Playback"
          trigger={<IconButton label="Playback" icon={SlidersHorizontal} />}
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
      <Button text={playLabel} {...playButton} className="w-24" />
      <TimeSlider player={player} length={length} />
      {waiting}
      <Speed player={player} />
      <SkipSilence player={player} />
    </div>
  );
}

function Speed({ player }: { readonly player: Player }) {
  const rate = usePlayer(player, (state) => state.rate);
  return (
    <InlineSelect
      label="Speed"
      value={rate}
      of={RATES.map((one) => [one, `${one}×`])}
      onText={(text) => player.setRate(Number(text))}
    />
  );
}

function SkipSilence({ player }: { readonly player: Player }) {
  const skips = usePlayer(player, (state) => state.skipsSilence);
  return (
    <Button
      icon={AudioLines}
      iconSize={15}
      aria-pressed={skips}
      onClick={() => player.setSkipsSilence(!skips)}
    >
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
