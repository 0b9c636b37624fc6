// What the workers' devices have done since the page was opened, of the records that came, and when a place may be free. Pure.
import { eta } from './format';
import type { Device, JobRow, Priority, WorkerRecord } from '../wire/rows';

/** Records that are kept of a worker: one comes every five seconds, so ten minutes. */
const KEPT = 120;

export interface Traces {
  /** Of the record that was taken in last. */
  seenAt: string;
  /** Places that are taken, as a share. */
  busy: readonly number[];
  /** Of each GPU by its index, as far as its driver tells: how much it computes, and how much of its memory is taken. */
  gpus: ReadonlyMap<number, Trace>;
  /** Of its machine, neighbours included. */
  machine: Trace;
}

interface Trace {
  use: readonly number[];
  memory: readonly number[];
}

function longer(values: readonly number[] | undefined, next: number | null): readonly number[] {
  return next === null ? (values ?? []) : [...(values ?? []).slice(1 - KEPT), next];
}

/** With what each worker says now; one that is gone is forgotten. */
export function remembered(
  before: ReadonlyMap<string, Traces>,
  workers: readonly WorkerRecord[],
): ReadonlyMap<string, Traces> {
  return new Map(workers.map((worker) => [worker.worker, traced(before.get(worker.worker), worker)]));
}

const share = (percent: number | undefined) => (percent === undefined ? null : percent / 100);
const taken = (used: number | undefined, all: number | undefined) => (used !== undefined && all ? used / all : null);

function traced(before: Traces | undefined, worker: WorkerRecord): Traces {
  const { seen_at, jobs, slots, gpus = [], machine } = worker;
  if (before?.seenAt === seen_at) return before;
  const of = gpus.map(({ index, use_percent, memory_used_bytes, memory_bytes }) => {
    const past = before?.gpus.get(index);
    const memory = longer(past?.memory, taken(memory_used_bytes, memory_bytes));
    return [index, { use: longer(past?.use, share(use_percent)), memory }] as const;
  });
  return {
    seenAt: seen_at,
    busy: longer(before?.busy, jobs.length / slots),
    gpus: new Map(of),
    machine: {
      use: longer(before?.machine.use, share(machine?.busy_percent)),
      memory: longer(before?.machine.memory, taken(machine?.memory_used_bytes, worker.memory_bytes ?? undefined)),
    },
  };
}

const serves = (worker: WorkerRecord, device: Device) => device === 'auto' || worker.pool === device;

const RANK: Record<Priority, number> = { high: 0, normal: 1, low: 2 };

/** As jobs are given places: those of the higher class first, and of one class the one that was asked for first. */
export const inTurn = (rows: readonly JobRow[]): JobRow[] =>
  rows.toSorted((a, b) => RANK[a.config.priority] - RANK[b.config.priority] || a.number - b.number);

/**
 * Milliseconds until a job that waits can begin at the earliest: those that hold the places it could have end one after the
 * other, and each that waits `before` it has the place of one of them. Null where a place is free and something else holds it
 * up, where nobody has such places, where one that runs has not said how long it takes, or where more wait than run.
 */
export function soonest(
  waiting: JobRow,
  before: readonly JobRow[],
  workers: readonly WorkerRecord[],
  job: (id: string) => JobRow | undefined,
  now: number,
): number | null {
  const able = workers.filter((worker) => serves(worker, waiting.config.device) && !worker.draining);
  if (able.length === 0 || able.some((worker) => worker.jobs.length < worker.slots)) return null;
  const ends = able
    .flatMap((worker) => worker.jobs)
    .map((id) => {
      const running = job(id);
      return running ? eta(running, [], now) : null;
    });
  const known = ends.filter((end) => end !== null).sort((a, b) => a - b);
  const rivals = before.filter(({ config }) => able.some((worker) => serves(worker, config.device)));
  return known.length < ends.length ? null : (known[rivals.length] ?? null);
}
