// What was read once is read again when an event says that it may be other, and when somebody comes back to the page.
import { session } from './session.svelte';

/** Events that come together are one reason to read: it is done so long after the first of them. */
const TOGETHER_MS = 1_000;

export interface Concern {
  /** What the kinds of events begin with after which it may be other. */
  kinds: readonly string[];
  /** It is given the sequence that the answer is to show; null is whatever there is. */
  read: (waitFor: number | null) => Promise<void>;
}

/** Reads each of them again when it may be other, until the returned function is called. */
export function keepFresh(concerns: readonly Concern[]): () => void {
  const due = new Map<Concern, number>();
  let timer: ReturnType<typeof setTimeout> | null = null;
  let begun = false;
  const all = () => concerns.forEach(({ read }) => void read(null));
  const readDue = () => {
    timer = null;
    const now = [...due];
    due.clear();
    now.forEach(([{ read }, sequence]) => void read(sequence));
  };
  const leave = session.socket!.subscribe('activity', {
    // What came while nobody listened is not told one by one.
    initial: () => {
      if (begun) all();
      begun = true;
    },
    events: (events) => {
      for (const { kind, sequence } of events) {
        const found = concerns.filter(({ kinds }) => kinds.some((begins) => kind.startsWith(begins)));
        found.forEach((one) => due.set(one, sequence));
      }
      if (due.size) timer ??= setTimeout(readDue, TOGETHER_MS);
    },
  });
  // What goes by time alone, and all of it where a token may not hear of events.
  addEventListener('focus', all);
  return () => {
    leave();
    removeEventListener('focus', all);
    if (timer !== null) clearTimeout(timer);
  };
}
