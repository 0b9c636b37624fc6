// The lines of a job's console as they come: of its newest attempt, each once and in order, and only the newest. Pure.
import type { ConsoleTold } from '../wire/api';
import type { ConsoleLines } from '../wire/rows';

/** Lines that are kept and drawn; the gateway keeps no more either. */
export const CONSOLE_LINES = 2_000;

export interface Line {
  number: number;
  text: string;
  /** Lines between this one and the one before it that nobody has. */
  leftOut: number;
}

export interface Lines {
  token: number;
  /** The life of the agent that numbered them; null for those of a file, which are all there are. */
  run: string | null;
  lines: readonly Line[];
}

export const NONE: Lines = { token: 0, run: null, lines: [] };

/** What the gateway has kept, in place of what was known; but nothing older, and no file where lines came live. */
export function begun(now: Lines, told: ConsoleTold): Lines {
  const token = told.token ?? 0;
  if (token < now.token || (told.from === 'artifact' && token === now.token && now.run !== null)) return now;
  const known = told.run !== null && token === now.token && told.run === now.run ? now.lines : [];
  return { token, run: told.run, lines: merged(known, told.lines) };
}

/** Lines of an older attempt are dropped; those of another life of the agent are all of it anew. */
export function taken(now: Lines, { token, run, first, lines }: ConsoleLines): Lines {
  // A file has all that the attempt has printed, to its end.
  const isWhole = token === now.token && now.run === null;
  if (token < now.token || isWhole) return now;
  const known = token === now.token && run === now.run ? now.lines : [];
  const numbered = lines.map((text, at) => ({ number: first + at, text }));
  return { token, run, lines: merged(known, numbered) };
}

function merged(known: readonly Line[], more: readonly { number: number; text: string }[]): Line[] {
  const last = known.at(-1)?.number ?? 0;
  const later = more.every(({ number }) => number > last);
  // Nearly always they go on where the others end.
  const texts = later ? null : new Map([...known, ...more].map(({ number, text }) => [number, text]));
  const all = texts
    ? [...texts].map(([number, text]) => ({ number, text })).sort((a, b) => a.number - b.number)
    : [...known, ...more];
  return all.slice(-CONSOLE_LINES).map(({ number, text }, at, kept) => {
    // What is before the first line is not missed: only the newest are kept.
    const leftOut = at === 0 ? 0 : number - kept[at - 1]!.number - 1;
    return { number, text, leftOut };
  });
}
