// What a trainer's reports say, read with care: they are files that a program made, not messages of the gateway.

/** What is said of each class; a report has those of its task. */
export const SCORES = ['ap', 'ap50', 'precision', 'recall', 'f1', 'support'] as const;
export type Score = (typeof SCORES)[number];
export type ClassScore = { name: string } & Record<Score, number | null>;

/** The answers that name a class, by how sure they are: one count for each per cent from 0, and those that are right. */
export interface Answered {
  name: string;
  /** Objects or images of the class. */
  support: number;
  answers: number[];
  right: number[];
}

export interface Confusion {
  classes: string[];
  counts: number[][];
}

/** Precision over recall, of each class and of all together. */
export interface PrecisionCurves {
  iou: number;
  recall: number[];
  classes: { name: string; ap50: number | null; precision: (number | null)[] }[];
}

export interface Box {
  class: string;
  bbox: [number, number, number, number];
  /** Null for the truth. */
  confidence: number | null;
  /** A region of many objects, not judged. */
  crowd: boolean;
  /** Of a mask: rings of `[x, y]`, one within another being a hole. */
  polygons?: [number, number][][];
  /** `[x, y, how sure]`; of a truth 0 is not labelled, 1 hidden and 2 visible. */
  keypoints?: [number, number, number][];
}

/** An image of a dataset with what its labels say. */
export interface Labelled {
  path: string;
  split: string;
  width: number;
  height: number;
  /** Where it lies on the page: left, top, width, height. */
  place: [number, number, number, number];
  /** What a classifier learns to say of it. */
  class: string | null;
  /** In pixels of the image; not all of very many. */
  boxes: Box[];
  objects: number;
}

/** More than any page of a dataset has; what names more was not made by an inspector of ours. */
const PAGE_IMAGES = 64;
const PAGE_BOXES = 500;

/** A page of images, and its size in pixels. */
export interface LabelledPage {
  width: number;
  height: number;
  images: Labelled[];
}

/** Which images a report tells of; those of before there was a choice are of validation. */
export const SPLITS = ['validation', 'test'] as const;
export type Split = (typeof SPLITS)[number];

/** What a report says of one split. */
export interface Evaluated {
  scores: ClassScore[];
  answered: Answered[];
  matrix: Confusion | null;
  curves: PrecisionCurves | null;
}

/** An image with boxes, in pixels of the image. */
export interface Scene {
  path: string;
  split: Split;
  width: number;
  height: number;
  truths: Box[];
  predictions: Box[];
}

export interface Sample {
  path: string;
  split: Split;
  truth: string;
  answer: string;
  confidence: number;
}

function object(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

const number = (value: unknown) => (typeof value === 'number' && Number.isFinite(value) ? value : null);

const splitOf = (value: unknown): Split => (value === 'test' ? 'test' : 'validation');

/** What a report says of the test images; null without any. */
export function ofTest(report: unknown): Evaluated | null {
  const test = object(report)['test'];
  if (typeof test !== 'object' || test === null) return null;
  const { rows, confusion_matrix: counts, pr_curve: curves } = object(test);
  return {
    scores: classScores(test),
    answered: answeredOf(test),
    matrix: confusion({ classes: rows, counts }),
    curves: precisionCurves(curves),
  };
}

export function classScores(report: unknown): ClassScore[] {
  return list(object(report)['classes']).map((one) => {
    const fields = object(one);
    const scores = Object.fromEntries(SCORES.map((score) => [score, number(fields[score])])) as Record<
      Score,
      number | null
    >;
    return { name: String(fields['name']), ...scores };
  });
}

/** Per cent of confidence, from 0. */
export const PERCENTS = 100;

/** Of every class or of none: what all of them would answer could not be told else. */
export function answeredOf(report: unknown): Answered[] {
  const classes = list(object(report)['classes']).map((one) => {
    const { name, support, confidence } = object(one);
    const [answers, right] = ['answers', 'right'].map((of) => list(object(confidence)[of]).map((n) => number(n) ?? 0));
    return { name: String(name), support: number(support) ?? 0, answers: answers!, right: right! };
  });
  // A detector says nothing of a class that does not occur.
  const there = classes.filter((one) => one.support > 0 || one.answers.length > 0);
  const isWhole = (one: Answered) => one.answers.length === PERCENTS && one.right.length === PERCENTS;
  return there.every(isWhole) ? there : [];
}

/** Null unless every class has as many values as there are recalls. */
export function precisionCurves(file: unknown): PrecisionCurves | null {
  const recall = list(object(file)['recall']).map((value) => number(value) ?? 0);
  const classes = list(object(file)['classes']).flatMap((one) => {
    const { name, ap50, precision } = object(one);
    const values = list(precision).map(number);
    return values.length === recall.length ? [{ name: String(name), ap50: number(ap50), precision: values }] : [];
  });
  return recall.length > 0 && classes.length > 0 ? { iou: number(object(file)['iou']) ?? 0.5, recall, classes } : null;
}

/** The mean of the classes that have a curve, at every recall. */
export function meanPrecision({ recall, classes }: PrecisionCurves): number[] {
  return recall.map((_, at) => {
    const values = classes.flatMap((one) => one.precision[at] ?? []);
    return values.length ? values.reduce((sum, value) => sum + value, 0) / values.length : NaN;
  });
}

function boxes(value: unknown): Box[] {
  return list(value).flatMap((one) => {
    const { class: name, confidence, bbox, crowd, polygons, keypoints } = object(one);
    const corners = list(bbox).map(number);
    if (corners.length !== 4 || corners.includes(null)) return [];
    const box = {
      class: String(name),
      bbox: corners as Box['bbox'],
      confidence: number(confidence),
      crowd: crowd === true,
    };
    const rings = list(polygons).map((ring) => tuples<[number, number]>(ring, 2));
    const points = tuples<[number, number, number]>(keypoints, 3);
    return [{ ...box, ...(rings.length > 0 && { polygons: rings }), ...(points.length > 0 && { keypoints: points }) }];
  });
}

/** Those of a list that are so many numbers each. */
function tuples<T>(value: unknown, length: number): T[] {
  return list(value).flatMap((one) => {
    const numbers = list(one).map(number);
    return numbers.length === length && !numbers.includes(null) ? [numbers as T] : [];
  });
}

/** Those of the samples that are images with boxes. */
export function scenes(file: unknown): Scene[] {
  return list(file).flatMap((one) => {
    const { path, split, width, height, truths, predictions } = object(one);
    const size = { width: number(width) ?? 0, height: number(height) ?? 0 };
    if (!Array.isArray(predictions) || size.width <= 0 || size.height <= 0) return [];
    return [
      {
        path: String(path),
        split: splitOf(split),
        ...size,
        truths: boxes(truths),
        predictions: boxes(list(predictions).slice(0, PAGE_BOXES)),
      },
    ];
  });
}

/** Null unless it is a page with images on it. */
export function labelledPage(file: unknown): LabelledPage | null {
  const { width, height, images } = object(file);
  const size = { width: number(width) ?? 0, height: number(height) ?? 0 };
  const found = list(images)
    .slice(0, PAGE_IMAGES)
    .flatMap((one) => {
      const { path, split, place, class: name, objects, ...rest } = object(one);
      const [wide, high] = [number(rest['width']) ?? 0, number(rest['height']) ?? 0];
      const corners = list(place).map(number);
      if (wide <= 0 || high <= 0 || corners.length !== 4 || corners.includes(null)) return [];
      const shown = boxes(list(rest['boxes']).slice(0, PAGE_BOXES));
      return [
        {
          path: String(path),
          split: String(split),
          width: wide,
          height: high,
          place: corners as Labelled['place'],
          class: typeof name === 'string' ? name : null,
          boxes: shown,
          objects: number(objects) ?? shown.length,
        },
      ];
    });
  return size.width > 0 && size.height > 0 && found.length > 0 ? { ...size, images: found } : null;
}

/** What augmentation would do: a page of images in rows, each as it is and then as some epochs would see it. */
export interface AugmentedPage {
  role: string;
  augmentation: string;
  /** Of the squares that a model sees, in pixels. */
  side: number;
  sheet: LabelledPage;
}

/** In the order of the file; none of what cannot be read. */
export function augmentedPages(file: unknown): AugmentedPage[] {
  return list(object(file)['pages']).flatMap((one) => {
    const { role, augmentation, side, sheet } = object(one);
    const page = labelledPage(sheet);
    const pixels = number(side);
    if (!page || pixels === null) return [];
    return [{ role: String(role), augmentation: String(augmentation), side: pixels, sheet: page }];
  });
}

/** The page of what a training would do: of the next size that is no smaller, or of the largest. */
export function pageFor(pages: readonly AugmentedPage[], augmentation: string, side: number): AugmentedPage | null {
  const alike = pages.filter((page) => page.augmentation === augmentation).sort((a, b) => a.side - b.side);
  return alike.find((page) => page.side >= side) ?? alike.at(-1) ?? null;
}

/** Null unless it is a square of numbers with a name for each row. */
export function confusion(file: unknown): Confusion | null {
  const classes = list(object(file)['classes']).map(String);
  const counts = list(object(file)['counts']).map((row) => list(row).map((cell) => number(cell) ?? 0));
  const square = counts.length === classes.length && counts.every((row) => row.length === classes.length);
  return square && classes.length > 0 ? { classes, counts } : null;
}

export function samples(file: unknown): Sample[] {
  return list(file).flatMap((one) => {
    const { path, split, truth, answer, confidence } = object(one);
    const sure = number(confidence);
    return sure === null
      ? []
      : [
          {
            path: String(path),
            split: splitOf(split),
            truth: String(truth),
            answer: String(answer),
            confidence: sure,
          },
        ];
  });
}
