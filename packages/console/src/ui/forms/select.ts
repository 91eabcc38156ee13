/** The classes of a choice that stands beside others in a line, without a label over it. */
export const SELECT = 'h-8 rounded-md border border-line-strong bg-surface px-2 text-ink';
