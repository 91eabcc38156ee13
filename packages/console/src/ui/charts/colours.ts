import { useEffect, useState } from 'react';

/** `isKept` keeps it with forced colors, which would make all series equal. */
export function readColour(element: HTMLElement, name: string, isKept = false): string {
  const probe = document.createElement('span');
  if (isKept) probe.style.setProperty('forced-color-adjust', 'none');
  probe.style.color = `var(${name})`;
  element.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}

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
