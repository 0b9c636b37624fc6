// What a trainer's reports say, read with care: they are files that a program made, not messages of the gateway.

export interface ClassScore {
  name: string;
  precision: number | null;
  recall: number | null;
  support: number | null;
}

export interface Confusion {
  classes: string[];
  counts: number[][];
}

export interface Sample {
  path: string;
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

export function classScores(report: unknown): ClassScore[] {
  return list(object(report)['classes']).map((one) => {
    const { name, precision, recall, support } = object(one);
    return { name: String(name), precision: number(precision), recall: number(recall), support: number(support) };
  });
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
    const { path, truth, answer, confidence } = object(one);
    const sure = number(confidence);
    return sure === null
      ? []
      : [{ path: String(path), truth: String(truth), answer: String(answer), confidence: sure }];
  });
}
