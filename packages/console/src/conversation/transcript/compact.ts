import { useMedia } from '../../ui/browser/use-media.ts';

/** The window is so small that all but the transcript must fit on a few lines. */
export const useCompact = (): boolean => useMedia('(max-width: 40rem), (max-height: 40rem)');
