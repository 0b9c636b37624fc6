// What a hook can be for: kinds of events and families of them. Pure.
import { KINDS_KO } from '../i18n/kinds';

/** What is most often wanted. */
export const SUGGESTED = [
  'job.finished',
  'job.failed',
  'job.*',
  'dataset.*',
  'model.*',
  'endpoint.*',
  'tenant.budget_neared',
] as const;
/** What was done to tokens, quotas, hooks and the log itself is told to nobody; that a budget nears its end is. */
const UNTOLD = /^(tenant\.(?!budget_neared$)|hook\.|log\.)/;
const KINDS: ReadonlySet<string> = new Set(Object.keys(KINDS_KO).filter((kind) => !UNTOLD.test(kind)));
const FAMILIES: ReadonlySet<string> = new Set(
  [...KINDS].filter((kind) => !kind.startsWith('tenant.')).map((kind) => `${kind.split('.')[0]}.*`),
);

/** Kinds as they are written, with commas or blanks between. */
export function kindsIn(text: string): string[] {
  return [...new Set(text.split(/[\s,]+/).filter(Boolean))];
}

/** Those that no hook can be for. */
export function unknownKinds(kinds: readonly string[]): string[] {
  return kinds.filter((kind) => !KINDS.has(kind) && !FAMILIES.has(kind));
}

/** With `kind`, or without it where it was there. */
export function toggled(kinds: readonly string[], kind: string): string[] {
  return kinds.includes(kind) ? kinds.filter((one) => one !== kind) : [...kinds, kind];
}
