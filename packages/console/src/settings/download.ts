/** Gives the browser a text to keep as a file. */
export function download(name: string, text: string, type = 'text/plain'): void {
  const url = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // Firefox reads it a moment later.
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
