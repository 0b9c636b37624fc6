// What trainers say of themselves, in the language of the page where all of it is known. Pure.
import type { Messages } from '../i18n/en';

/** Written alike in every language: identifiers, units and names. */
const NAMES = new Set(['RandAugment', 'HSV', 'MiB', 'float', 'bfloat', 'channels_last', 'e', 'x']);

export interface Said {
  text: string;
  /** Whether it is in the trainer's own language, which is English. */
  isForeign: boolean;
}

/** A value that a trainer has settled. What is known only in part is left whole. */
export function settled(m: Messages, value: string): Said {
  const text = m.settled.reduce((left, [phrase, words]) => left.replace(phrase, words), value);
  const isKnown = (text.match(/[A-Za-z_]+/g) ?? []).every((word) => NAMES.has(word));
  return isKnown ? { text, isForeign: false } : { text: value, isForeign: true };
}

/** A device as its trainer names it: `cpu, 2 threads` or `cpu (2 threads)`. */
export function deviceName(m: Messages, device: string): string {
  const [, name, threads] = /^(.*?),? \(?(\d+) threads?\)?$/.exec(device) ?? [];
  return name === undefined ? device : m.job.onThreads(name, Number(threads));
}
