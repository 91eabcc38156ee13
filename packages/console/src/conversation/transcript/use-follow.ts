import type { Virtualizer } from '@tanstack/react-virtual';
import { useEffect, useMemo, useState } from 'react';
import { type Player, usePlayer } from '../player/player.ts';
import type { Entry } from '../player/timeline.ts';

interface FollowOptions {
  readonly rows: Virtualizer<HTMLDivElement, Element>;
  readonly entries: readonly Entry[];
  readonly player: Player;
  readonly current: number;
  readonly isLive: boolean;
  readonly firstMessage: number | null;
  readonly onPlay: ((time: number) => void) | null;
}

export function useFollow(options: FollowOptions) {
  const { rows, entries, player, current, isLive, firstMessage, onPlay } = options;
  const isPlaying = usePlayer(player, ({ isPlaying }) => isPlaying);
  const seeks = usePlayer(player, ({ seeks }) => seeks);
  const [isFollowing, setFollowing] = useState(true);
  const scrollToMessage = (number: number) => {
    const index = entries.findIndex((entry) => entry.kind === 'message' && entry.number === number);
    if (index >= 0) rows.scrollToIndex(index, { align: 'center' });
  };
  // biome-ignore lint/correctness/useExhaustiveDependencies: only another message moves the list
  useEffect(() => {
    if (isPlaying && isFollowing && current >= 0) scrollToMessage(current + 1);
  }, [current, isPlaying, isFollowing]);
  // A seek scrolls to its message, even if the player is paused.
  // biome-ignore lint/correctness/useExhaustiveDependencies: only a seek moves the list
  useEffect(() => {
    if (seeks === 0) return;
    setFollowing(isPlaying || !isLive);
    scrollToMessage(Math.max(current, 0) + 1);
  }, [seeks]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: once for each address
  useEffect(() => {
    if (firstMessage !== null) scrollToMessage(firstMessage);
  }, [firstMessage, entries.length > 0]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: only new entries move the list
  useEffect(() => {
    if (isLive && isFollowing && !isPlaying && firstMessage === null) {
      rows.scrollToIndex(entries.length - 1, { align: 'end' });
    }
  }, [isLive, isFollowing, entries.length]);
  const mayFollow = (isPlaying || isLive) && !isFollowing;
  const playHere = useMemo(
    () =>
      onPlay &&
      ((time: number) => {
        setFollowing(true);
        onPlay(time);
      }),
    [onPlay],
  );
  return { mayFollow, setFollowing, scrollToMessage, playHere };
}
