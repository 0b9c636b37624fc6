// The scheduler's reasons in the language of the page: it says a few sentences, in English, and they are in the log for
// ever. What is not known stays as it was said. Pure.

/** What one part of a reason looks like, and how it is said instead. */
export type Saying = readonly [RegExp, (...found: string[]) => string];

export function reasonIn(sayings: readonly Saying[], reason: string): string {
  const said = (part: string) => {
    for (const [pattern, say] of sayings) {
      const found = pattern.exec(part);
      if (found) return say(...found.slice(1));
    }
    return part;
  };
  return reason.split('; ').map(said).join('; ');
}
