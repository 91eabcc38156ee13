export interface ReadHeaders {
  readonly headers: Readonly<Record<string, string>>;
  readonly problem: string | null;
}

/** Reads lines such as `Authorization: Bearer abc`. The server checks names and values. */
export function parseHeaders(text: string): ReadHeaders {
  const headers: Record<string, string> = {};
  const seen = new Set<string>();
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === '') continue;
    const colon = line.indexOf(':');
    const name = line.slice(0, Math.max(colon, 0)).trim();
    if (name === '') {
      return { headers: {}, problem: `Line ${index + 1}: write a name, a colon and a value.` };
    }
    if (seen.has(name.toLowerCase())) {
      return { headers: {}, problem: `Line ${index + 1}: there is already a header ${name}.` };
    }
    seen.add(name.toLowerCase());
    Object.defineProperty(headers, name, {
      value: line.slice(colon + 1).trim(),
      enumerable: true,
    });
  }
  return { headers, problem: null };
}
