import { useMedia } from '../../ui/browser/use-media.ts';

/** Whether there is so little room that all but the transcript keeps to a few lines. */
export const useCompact = (): boolean => useMedia('(max-width: 40rem), (max-height: 40rem)');
