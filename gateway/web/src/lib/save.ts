// Bytes that the page has, as a file of the person's.

/** Until a browser has read what it saves. */
const KEEP_MS = 10_000;

export function save(bytes: Blob, name: string): void {
  const anchor = document.createElement('a');
  anchor.href = URL.createObjectURL(bytes);
  anchor.download = name;
  anchor.click();
  setTimeout(() => URL.revokeObjectURL(anchor.href), KEEP_MS);
}
