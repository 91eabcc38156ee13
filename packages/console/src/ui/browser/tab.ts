export const TAB =
  'rounded-md px-3 py-1.5 text-ink-soft data-[state=active]:bg-accent-soft data-[state=active]:font-medium data-[state=active]:text-accent-strong';
