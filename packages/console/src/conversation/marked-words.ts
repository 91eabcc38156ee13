import { type RefObject, useEffect } from 'react';

const NAME = 'found-words';

/**
 * Marks words in the texts of an element, also across what they are divided into, without changing
 * them (CSS Custom Highlight API). `seen` changes when other rows have come into sight.
 */
export function useMarkedWords(
  root: RefObject<HTMLElement | null>,
  wanted: string,
  seen: unknown,
): void {
  // biome-ignore lint/correctness/useExhaustiveDependencies: other rows have other texts
  useEffect(() => {
    if (!root.current || !('highlights' in CSS)) return;
    const ranges =
      wanted === ''
        ? []
        : [...root.current.querySelectorAll('article p')].flatMap((text) => rangesIn(text, wanted));
    CSS.highlights.set(NAME, new Highlight(...ranges));
    return () => {
      CSS.highlights.delete(NAME);
    };
  }, [root, wanted, seen]);
}

function rangesIn(element: Element, wanted: string): Range[] {
  const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  const pieces: { readonly node: Text; readonly from: number }[] = [];
  let text = '';
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    pieces.push({ node: node as Text, from: text.length });
    text += (node as Text).data;
  }
  const place = (at: number) => {
    const piece = pieces.findLast(({ from }) => from <= at);
    return piece ? ([piece.node, at - piece.from] as const) : null;
  };
  const ranges: Range[] = [];
  const lower = text.toLowerCase();
  for (let at = lower.indexOf(wanted); at >= 0; at = lower.indexOf(wanted, at + wanted.length)) {
    const [start, end] = [place(at), place(at + wanted.length - 1)];
    if (!start || !end) continue;
    const range = document.createRange();
    range.setStart(...start);
    range.setEnd(end[0], end[1] + 1);
    ranges.push(range);
  }
  return ranges;
}
