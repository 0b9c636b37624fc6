// What a threshold of confidence leaves of a job's answers, and whether it is as sure as it is right. Pure.
import { PERCENTS, type Answered } from './report';

/** Null where there is nothing to divide by. */
export interface Left {
  precision: number | null;
  recall: number | null;
  f1: number | null;
  /** Answers that are left. */
  answers: number;
}

const share = (part: number, whole: number) => (whole > 0 ? part / whole : null);

/** What is left from each per cent of confidence on, from 0, of all classes together. */
export function leftFrom(classes: readonly Answered[]): Left[] {
  const there = classes.reduce((sum, one) => sum + one.support, 0);
  const left: Left[] = new Array(PERCENTS);
  let [answers, right] = [0, 0];
  for (let percent = PERCENTS - 1; percent >= 0; percent -= 1) {
    for (const one of classes) {
      answers += one.answers[percent]!;
      right += one.right[percent]!;
    }
    const [precision, recall] = [share(right, answers), share(right, there)];
    const both = (precision ?? 0) + (recall ?? 0);
    const f1 = precision === null || recall === null ? null : both > 0 ? (2 * precision * recall) / both : 0;
    left[percent] = { precision, recall, f1, answers };
  }
  return left;
}

/** The per cent from which precision and recall are best together; the surest of equal ones. Null where nothing is known. */
export function bestThreshold(left: readonly Left[]): number | null {
  let best: number | null = null;
  left.forEach(({ f1 }, percent) => {
    if (f1 !== null && (best === null || f1 >= left[best]!.f1!)) best = percent;
  });
  return best;
}

/** Answers that are about as sure as each other. */
export interface Bin {
  /** Their mean confidence, 0 to 1. */
  confidence: number;
  /** The part of them that is right. */
  right: number;
  answers: number;
}

const BIN_PERCENTS = 10;

/** Those bins that have answers, the least sure first. */
export function bins(classes: readonly Answered[]): Bin[] {
  return Array.from({ length: PERCENTS / BIN_PERCENTS }, (_, at) => {
    let [answers, right, sure] = [0, 0, 0];
    for (let percent = at * BIN_PERCENTS; percent < (at + 1) * BIN_PERCENTS; percent += 1) {
      for (const one of classes) {
        answers += one.answers[percent]!;
        right += one.right[percent]!;
        sure += one.answers[percent]! * (percent + 0.5);
      }
    }
    return { answers, right: answers && right / answers, confidence: answers && sure / answers / PERCENTS };
  }).filter((bin) => bin.answers > 0);
}

/** How far off its confidence is on average, weighed by answers (expected calibration error); null without any. */
export function calibrationError(all: readonly Bin[]): number | null {
  const answers = all.reduce((sum, bin) => sum + bin.answers, 0);
  return share(
    all.reduce((sum, bin) => sum + bin.answers * Math.abs(bin.right - bin.confidence), 0),
    answers,
  );
}
