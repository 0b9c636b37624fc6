// What one can go to or do, found by a few letters of it. Pure.

export interface Entry {
  id: string;
  /** Which kind of thing it is, in the words of the page. */
  kind: string;
  text: string;
  /** More of it, which is searched too. */
  beside: string;
}

const FOUND = 30;

/** Those that have every word, those that begin with them first; nothing asked for is all. */
export function ranked<T extends Entry>(entries: readonly T[], asked: string): T[] {
  const words = asked.toLowerCase().split(/\s+/).filter(Boolean);
  const scored = entries.flatMap((entry) => {
    const score = words.reduce((sum, word) => sum + place(entry, word), 0);
    return Number.isFinite(score) ? [{ entry, score }] : [];
  });
  // What is equally near stays in the order that it came in.
  return scored
    .sort((a, b) => a.score - b.score)
    .slice(0, FOUND)
    .map(({ entry }) => entry);
}

/** How far a word is from the front of an entry; endless where it is not in it. */
function place({ kind, text, beside }: Entry, word: string): number {
  const wanted = word.replace(/^#/, '');
  const [name, rest] = [text.toLowerCase(), `${kind} ${beside}`.toLowerCase()];
  const exact = name.split(/\s+/).includes(wanted);
  if (exact) return 0;
  const at = name.indexOf(wanted);
  if (at === 0 || (at > 0 && /[^\p{L}\p{N}]/u.test(name[at - 1]!))) return 1;
  if (at > 0) return 2;
  return rest.includes(wanted) ? 3 : Infinity;
}
