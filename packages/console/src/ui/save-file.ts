/** Saves a text as a file of whoever looks at the page. */
export function saveFile(text: string, type: string, name: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: `${type};charset=utf-8` }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // Firefox reads it a moment later.
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
