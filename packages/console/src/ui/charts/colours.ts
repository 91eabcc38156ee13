import { useEffect, useState } from 'react';

/**
 * A colour of the page as it is in the theme that is shown, for what draws by itself. Where the system forces its own
 * few colours, all would be one: what tells things apart keeps the page's.
 */
export function colourOf(element: HTMLElement, name: string, isKept = false): string {
  const probe = document.createElement('span');
  if (isKept) probe.style.setProperty('forced-color-adjust', 'none');
  probe.style.color = `var(${name})`;
  element.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}

/** Another number whenever the theme changes: what was drawn is to be drawn anew. */
export function useThemeChanges(): number {
  const [changes, setChanges] = useState(0);
  useEffect(() => {
    const changed = () => setChanges((count) => count + 1);
    const scheme = window.matchMedia('(prefers-color-scheme: dark)');
    scheme.addEventListener('change', changed);
    const theme = new MutationObserver(changed);
    theme.observe(document.documentElement, { attributeFilter: ['data-theme'] });
    return () => {
      scheme.removeEventListener('change', changed);
      theme.disconnect();
    };
  }, []);
  return changes;
}
