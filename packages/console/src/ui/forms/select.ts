export const SELECT = 'h-8 rounded-md border border-line-strong bg-surface px-2 text-ink';
