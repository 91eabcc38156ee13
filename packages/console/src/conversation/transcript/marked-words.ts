import { type RefObject, useEffect } from 'react';
import { findRanges } from './folded-text.ts';

const NAME = 'found-words';

/** Highlights a folded text (CSS Custom Highlight API); `seen` changes with the rendered rows. */
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
  return findRanges(text, wanted).flatMap(([from, to]) => {
    const [start, end] = [place(from), place(to - 1)];
    if (!start || !end) return [];
    const range = document.createRange();
    range.setStart(...start);
    range.setEnd(end[0], end[1] + 1);
    return [range];
  });
}
