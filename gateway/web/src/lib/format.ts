// Numbers and times as people read them. Pure: the time that is now is given.
import type { EpochRow, Gpu, JobRow, Telemetry } from '../wire/rows';

/** Measurements that are shares of one. */
const SHARES = /accuracy|auroc|precision|recall|specificity|map|(^|_)ap(\d|_|$)|top\d|f1|iou/i;

/** Whether a measurement of this name lies between nothing and all. */
export const isShare = (name: string): boolean => SHARES.test(name);

export function measurement(name: string, value: number): string {
  return isShare(name) ? share(value) : significant(value);
}

/** A score between nothing and all, rounded alike wherever it stands; a dash where there is none. */
export function share(value: number | null): string {
  return value === null ? '–' : `${(value * 100).toFixed(value === 1 ? 0 : 2)} %`;
}

/** How sure a model is of an answer, which nobody needs to a hundredth. */
export function confidence(value: number): string {
  return `${(value * 100).toFixed(1)} %`;
}

/** Four digits that count. */
export function significant(value: number): string {
  if (value === 0) return '0';
  const size = Math.abs(value);
  if (size >= 1e6 || size < 1e-4) return value.toExponential(2);
  return String(Number(value.toPrecision(4)));
}

export function count(value: number): string {
  return value.toLocaleString('en-US');
}

/** The value that this share of the others does not exceed; null of none. */
export function quantile(values: readonly number[], share: number): number | null {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? null;
}

export function milliseconds(value: number | null): string {
  return value === null ? '–' : `${value < 100 ? value.toFixed(1) : Math.round(value)} ms`;
}

/** Such as 11.2 M. */
export function short(value: number): string {
  const [unit, size] = value >= 1e9 ? ['G', 1e9] : value >= 1e6 ? ['M', 1e6] : value >= 1e4 ? ['k', 1e3] : ['', 1];
  return `${size === 1 ? value : (value / (size as number)).toFixed(1)}${unit ? ` ${unit}` : ''}`;
}

export function bytes(value: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  const power = Math.min(Math.floor(Math.log2(Math.max(value, 1)) / 10), units.length - 1);
  return `${power === 0 ? value : (value / 1024 ** power).toFixed(1)} ${units[power]}`;
}

/** Such as `GPU 0 · 87 % · 40.0 GiB / 141.0 GiB · 61 °C · 410 W`, of what its driver tells. */
export function gpu({ index, use_percent, memory_used_bytes, memory_bytes, celsius, watts }: Gpu): string {
  const told = [
    use_percent === undefined ? null : `${use_percent} %`,
    memory_used_bytes === undefined || memory_bytes === undefined
      ? null
      : `${bytes(memory_used_bytes)} / ${bytes(memory_bytes)}`,
    celsius === undefined ? null : `${celsius} °C`,
    watts === undefined ? null : `${watts} W`,
  ];
  return [`GPU ${index}`, ...told.filter((part) => part !== null)].join(' · ');
}

/** What stands behind a number of seconds, minutes, hours and days. */
export type TimeUnits = readonly [second: string, minute: string, hour: string, day: string];

/** Such as `42 s`, `3 m 20 s`, `2 h 05 m`, `3 d 4 h`. */
export function duration(milliseconds: number, [s, m, h, d]: TimeUnits): string {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  const [minutes, hours, days] = [Math.floor(seconds / 60), Math.floor(seconds / 3600), Math.floor(seconds / 86_400)];
  if (minutes === 0) return `${seconds}${s}`;
  if (hours === 0) return `${minutes}${m} ${String(seconds % 60).padStart(2, '0')}${s}`;
  if (days === 0) return `${hours}${h} ${String(minutes % 60).padStart(2, '0')}${m}`;
  return `${days}${d} ${hours % 24}${h}`;
}

/** How long a job has taken; null before it starts. */
export function elapsed(row: JobRow, now: number): number | null {
  if (!row.started_at) return null;
  return (row.finished_at ? Date.parse(row.finished_at) : now) - Date.parse(row.started_at);
}

/** Milliseconds until the job has run all its epochs, by its newest ones; null if nothing can be said. */
export function eta(row: JobRow, curve: readonly EpochRow[], now: number): number | null {
  if (row.status !== 'training' || row.epochs_done >= row.config.epochs) return null;
  const recent = curve.slice(-5);
  const left = row.config.epochs - row.epochs_done;
  if (recent.length > 0) {
    const each = (recent.reduce((sum, epoch) => sum + epoch.seconds, 0) / recent.length) * 1000;
    return Math.max(0, left * each - Math.min(each, now - Date.parse(recent.at(-1)!.at)));
  }
  const done = row.epochs_done - row.resumed_epoch;
  if (done <= 0 || !row.started_at || row.attempt > 1) return null;
  return ((now - Date.parse(row.started_at)) / done) * left;
}

/** Milliseconds until all steps are done, by how fast images go through; null if nothing can be said. */
export function etaOfSteps(step: Telemetry['step'], batch: number): number | null {
  if (step.images_per_second <= 0 || step.steps <= 0) return null;
  return (Math.max(0, step.steps - step.step) * batch * 1000) / step.images_per_second;
}

/** The measurement a job is judged by, as its trainer names it: of its best epoch, else of its last. Null until one is
 * known, since a name that is guessed would be that of another task. */
export function mainMeasurement(row: JobRow): { name: string; value: number } | null {
  const name = row.primary;
  const value = name === null ? undefined : (row.best ?? row.last)?.[name];
  return name === null || value === undefined ? null : { name, value };
}

/** The same on the test images, which a dataset need not have. */
export function testMeasurement(row: JobRow): { name: string; value: number } | null {
  const value = row.primary === null ? undefined : row.best?.[`test_${row.primary}`];
  return row.primary === null || value === undefined ? null : { name: row.primary, value };
}

/** The number of a dataset's version, where the configuration names one: `scratches@3`. */
export function datasetVersion(row: JobRow): number | null {
  const [, number] = /@(\d+)$/.exec(row.config.dataset ?? '') ?? [];
  return number === undefined ? null : Number(number);
}

/** Whether a step is of the attempt that runs: one of a later epoch than the next was of an attempt before it. */
export function isOfNow(step: Telemetry['step'], row: JobRow): boolean {
  return step.epoch <= row.epochs_done + 1;
}

/** The names of all measurements of a curve, those of validation and of training. */
export function measured(curve: readonly EpochRow[]): string[] {
  const names = new Set<string>();
  const add = (values: EpochRow['train']) => Object.keys(values).forEach((name) => names.add(name));
  curve.forEach((row) => (add(row.train), add(row.validation)));
  return [...names].sort();
}

/** A path's last two parts. */
export function tail(path: string | null): string {
  return (path ?? '').split('/').filter(Boolean).slice(-2).join('/');
}
