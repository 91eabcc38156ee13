import { type Kept, keep, oneOf, readKept } from '../ui/browser/use-local-storage.ts';

export const THEMES = ['system', 'light', 'dark'] as const;
type Theme = (typeof THEMES)[number];

export const THEME: Kept<Theme> = { key: 'theme', first: 'system', isValid: oneOf(THEMES) };

/** Gives the page the colours that its reader chose. */
export function applyTheme(): void {
  const theme = readKept(THEME);
  if (theme === 'system') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
}

export function chooseTheme(theme: Theme): void {
  keep(THEME, theme);
  applyTheme();
}
