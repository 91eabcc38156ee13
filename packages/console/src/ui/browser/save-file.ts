export function saveText(text: string, type: string, name: string): void {
  saveFile(new Blob([text], { type: `${type};charset=utf-8` }), name);
}

export function saveFile(content: Blob, name: string): void {
  const url = URL.createObjectURL(content);
  followLink(url, name);
  // Firefox reads it a moment later.
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

/** Saves a file of this origin; other origins open in a new tab. */
export function followLink(href: string, download: string): void {
  const link = document.createElement('a');
  Object.assign(link, { href, download, target: '_blank', rel: 'noopener' });
  link.click();
}
