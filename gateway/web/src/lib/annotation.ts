// What can be said of a job, within the limits that the gateway has. Pure.

/** In characters. */
export const TITLE_CHARS = 80;
export const TAG_CHARS = 32;
export const NOTE_CHARS = 4_000;
export const TAGS = 20;

/** The tags that a text names: words, with or without `#` before them, and commas between them if one likes. */
export function tagsOf(text: string): string[] {
  const words = text.split(/[\s,]+/u).map((word) => word.replace(/^#/, ''));
  return [...new Set(words.filter(Boolean))];
}

/** Tags with some added and one taken away, each once. */
export function retagged(tags: readonly string[], added: readonly string[], removed: readonly string[] = []): string[] {
  return [...new Set([...tags, ...added])].filter((tag) => !removed.includes(tag));
}
