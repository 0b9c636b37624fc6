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

/** As trainers say it: `cpu, 2 threads` or `cpu (2 threads)`. */
const ON_THREADS = /^(.*?),? \(?(\d+) threads?\)?$/;

/** A device without how many threads it has, which is a trainer's own remark. */
export const bareDevice = (device: string): string => ON_THREADS.exec(device)?.[1] ?? device;

/** A device as its trainer names it, in the language of the page. */
export function deviceName(m: Messages, device: string): string {
  const [, name, threads] = ON_THREADS.exec(device) ?? [];
  return name === undefined ? device : m.job.onThreads(name, Number(threads));
}
