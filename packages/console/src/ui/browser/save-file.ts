/** Saves a text as a file of whoever looks at the page. */
export function saveText(text: string, type: string, name: string): void {
  saveFile(new Blob([text], { type: `${type};charset=utf-8` }), name);
}

/** Saves what the page has in memory as a file of whoever looks at it. */
export function saveFile(content: Blob, name: string): void {
  const url = URL.createObjectURL(content);
  followLink(url, name);
  // Firefox reads it a moment later.
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

/** Saves what an address of this origin gives; that of another is opened, in a page of its own. */
export function followLink(href: string, download: string): void {
  const link = document.createElement('a');
  Object.assign(link, { href, download, target: '_blank', rel: 'noopener' });
  link.click();
}
