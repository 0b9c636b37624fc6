// What a job has answered about single images, held against the truth: what is right, what is wrong, what was missed. Pure.
import type { Box, Sample, Scene, Split } from './report';

/** An answer and a truth cover each other so far, or they are of different things. */
const OVERLAP = 0.5;
/** How reports call what is no object: the truth of a wrong answer, the answer to a truth that was missed. */
export const BACKGROUND = 'background';

/** Something that is there, something that was answered, or both of one place. */
export interface Pair {
  /** The names of their classes. */
  truth: string;
  answer: string;
  /** Null where nothing was answered. */
  confidence: number | null;
  /** Where they are, if they have a place. */
  there: Box | null;
  found: Box | null;
}

export const isRight = ({ truth, answer }: Pair): boolean => truth === answer;

/** One image with everything that is to be said of it. */
export interface Shown {
  path: string;
  split: Split;
  /** In pixels, where the report says it. */
  size: readonly [number, number] | null;
  pairs: Pair[];
}

/** Of a part of both that one covers, from 0 to 1. */
export function overlap(a: Box['bbox'], b: Box['bbox']): number {
  const width = Math.min(a[2], b[2]) - Math.max(a[0], b[0]);
  const height = Math.min(a[3], b[3]) - Math.max(a[1], b[1]);
  if (width <= 0 || height <= 0) return 0;
  const area = ([x1, y1, x2, y2]: Box['bbox']) => (x2 - x1) * (y2 - y1);
  const both = width * height;
  return both / (area(a) + area(b) - both);
}

/** The surest answer takes the truth that it covers most, of its own class before any other. */
function paired({ truths, predictions }: Scene, least: number): Pair[] {
  const free = new Set(truths.filter((truth) => !truth.crowd));
  const sure = predictions
    .filter((one) => (one.confidence ?? 0) >= least)
    .sort((a, b) => (b.confidence ?? 0) - (a.confidence ?? 0));
  const pairs = sure.map((found): Pair => {
    let [there, most]: [Box | null, number] = [null, 0];
    for (const truth of free) {
      const covered = overlap(found.bbox, truth.bbox);
      const rank = covered < OVERLAP ? 0 : covered + Number(truth.class === found.class);
      if (rank > most) [there, most] = [truth, rank];
    }
    if (there) free.delete(there);
    return { truth: there?.class ?? BACKGROUND, answer: found.class, confidence: found.confidence, there, found };
  });
  const missed = [...free].map((there): Pair => ({
    truth: there.class,
    answer: BACKGROUND,
    confidence: null,
    there,
    found: null,
  }));
  return [...pairs, ...missed];
}

export const ofScene = (scene: Scene, least: number): Shown => ({
  path: scene.path,
  split: scene.split,
  size: [scene.width, scene.height],
  pairs: paired(scene, least),
});

export const ofSample = ({ path, split, truth, answer, confidence }: Sample): Shown => ({
  path,
  split,
  size: null,
  pairs: [{ truth, answer, confidence, there: null, found: null }],
});

export interface Wanted {
  /** Names of classes; empty is any. */
  truth: string;
  answer: string;
  only: 'right' | 'wrong' | null;
  /** Null is any. */
  split: Split | null;
}

/** Whether there is something of that kind on it, and only such where right ones are asked for. */
export function isWanted({ pairs, split: of }: Shown, { truth, answer, only, split }: Wanted): boolean {
  if (split !== null && split !== of) return false;
  const meant = pairs.filter((pair) => (!truth || pair.truth === truth) && (!answer || pair.answer === answer));
  if (meant.length === 0 && (truth || answer)) return false;
  if (only === null) return true;
  return only === 'right' ? meant.every(isRight) : meant.some((pair) => !isRight(pair));
}

/** How many are wrong or missed: of images that are looked at, those with most come first. */
export const faults = ({ pairs }: Shown): number => pairs.filter((pair) => !isRight(pair)).length;

/** Every class that is there or was answered. */
export function namesOf(shown: readonly Shown[], of: 'truth' | 'answer'): string[] {
  const names = new Set(shown.flatMap(({ pairs }) => pairs.map((pair) => pair[of])));
  return [...names].sort((a, b) => a.localeCompare(b, undefined, { numeric: true }));
}

/** The lowest confidence that was told at all, in whole per cent. */
export function lowestTold(scenes: readonly Scene[]): number {
  const told = scenes.flatMap((scene) => scene.predictions.flatMap((one) => one.confidence ?? []));
  return told.length ? Math.max(1, Math.floor(Math.min(...told) * 100)) : 1;
}

/** An image as more than one job has answered about it, each at its own place; null where one has kept nothing of it. */
export interface Alike {
  path: string;
  shown: (Shown | null)[];
}

/** Images that at least two have answered about; those that they answer differently about come first. */
export function alike(each: readonly (readonly Shown[])[]): Alike[] {
  const by = each.map((shown) => new Map(shown.map((one) => [one.path, one])));
  const paths = [...new Set(by.flatMap((one) => [...one.keys()]))];
  const apart = ({ shown }: Alike) => {
    const counts = shown.flatMap((one) => (one ? [faults(one)] : []));
    return Math.max(...counts) - Math.min(...counts);
  };
  return paths
    .map((path): Alike => ({ path, shown: by.map((one) => one.get(path) ?? null) }))
    .filter(({ shown }) => shown.filter((one) => one !== null).length > 1)
    .sort((a, b) => apart(b) - apart(a) || a.path.localeCompare(b.path, undefined, { numeric: true }));
}
