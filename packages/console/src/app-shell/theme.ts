import {
  isOneOf,
  readStored,
  type StoredSetting,
  writeStored,
} from '../ui/browser/use-local-storage.ts';

export const THEMES = ['system', 'light', 'dark'] as const;
type Theme = (typeof THEMES)[number];

export const THEME: StoredSetting<Theme> = {
  key: 'theme',
  initial: 'system',
  isValid: isOneOf(THEMES),
};

export function applyTheme(): void {
  const theme = readStored(THEME);
  if (theme === 'system') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
}

export function chooseTheme(theme: Theme): void {
  writeStored(THEME, theme);
  applyTheme();
}
