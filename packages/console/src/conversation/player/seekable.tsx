import type { PointerEvent, ReactNode } from 'react';
import { type Player, usePlayer } from './player.ts';

interface Props {
  readonly player: Player;
  readonly length: number;
  readonly children: ReactNode;
}

export function Seekable({ player, length, children }: Props) {
  const seek = (event: PointerEvent<HTMLDivElement>) => {
    const { left, width } = event.currentTarget.getBoundingClientRect();
    player.seek(((event.clientX - left) / width) * length);
  };
  return (
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
