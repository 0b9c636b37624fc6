// One job: its row and curve as of now, its step measurements, and its whole history for going back in time.
import { Series } from '../charts/series';
import { explain } from '../lib/api';
import { foldEpochs, foldInto } from '../live/fold/epochs';
import { foldJob } from '../live/fold/job';
import type { PublicEvent } from '../live/events';
import type { EventPage, StepCurves } from '../wire/api';
import type { JobRows } from '../wire/frames';
import type { EpochRow, JobRow, Telemetry } from '../wire/rows';
import { Console } from './console.svelte';
import { session } from './session.svelte';

const PAGE_EVENTS = 200;
/** Events of a history that the page reads: 10,000 epochs with as many checkpoints, and room. */
const HISTORY_EVENTS = 40_000;
/** Points of a curve that are read at a time: of all steps at first, then of those that are looked at closely. */
const CURVE_POINTS = 2_400;

/** The job as it was after one event. */
export interface Moment {
  job: JobRow | null;
  epochs: readonly EpochRow[];
}

/** The curves of the steps, by what they measure: outside reactive state, since they can have a million points. */
export class Steps {
  readonly series = new Map<string, Series>();
  /** Of the whole training; 0 before the first measurement. */
  steps = 0;
  last: Telemetry['step'] | null = null;

  /** Of the newest attempt: what an older one still says is not part of the curves. */
  private token = 0;

  push({ token, step }: Telemetry): void {
    if (token < this.token) return;
    this.token = token;
    this.steps = step.steps;
    this.last = step;
    for (const [name, value] of Object.entries(step.losses)) this.put(`loss:${name}`, step.step, value);
    this.put('learning_rate', step.step, step.learning_rate);
    this.put('images_per_second', step.step, step.images_per_second);
    this.put('data_wait_ms', step.step, step.data_wait_ms);
    for (const name of ['gpu_mib', 'memory_mib'] as const) {
      const mib = step[name];
      if (mib) this.put(name, step.step, mib);
    }
  }

  /** Curves that were read, before anything that comes live. */
  begin({ curves, newest }: StepCurves): void {
    for (const [name, { steps, values }] of Object.entries(curves)) {
      steps.forEach((step, at) => this.put(name, step, values[at]!));
    }
    this.steps = newest?.steps ?? 0;
    this.last = newest;
  }

  private put(name: string, step: number, value: number): void {
    let series = this.series.get(name);
    if (!series) this.series.set(name, (series = new Series()));
    series.push(step, value);
  }
}

/** More of some steps than the curve of all steps has. */
export interface Detail {
  from: number;
  to: number;
  steps: Steps;
  /** There is still more to be seen. */
  thinned: boolean;
}

export class Job {
  row = $state.raw<JobRow | null>(null);
  epochs = $state.raw<readonly EpochRow[]>([]);
  /** `absent`: there is no such job. */
  state = $state<'loading' | 'ready' | 'absent' | 'failed'>('loading');
  problem = $state('');
  history = $state.raw<readonly PublicEvent[]>([]);
  historyState = $state<'none' | 'loading' | 'ready' | 'failed'>('none');
  steps = new Steps();
  /** Grows with the step measurements, so that charts know when to look. */
  measured = $state(0);
  stepsRead = $state(false);
  stepsProblem = $state<{ message: string; nextStep: string } | null>(null);
  /** Points were left out of the curves: looking closer is worth a question. */
  thinned = false;
  detail = $state.raw<Detail | null>(null);
  readonly console: Console;
  private readingHistory = false;
  private early: Telemetry[] = [];
  private leave = () => {};

  constructor(readonly id: string) {
    this.console = new Console(id);
  }

  follow(): () => void {
    this.leave = session.socket!.subscribe(`job:${this.id}`, {
      initial: (rows) => this.begin(rows as JobRows),
      events: (events) => this.take(events),
      telemetry: (_, telemetry) => this.measure(telemetry),
      console: (lines) => this.console.take(lines),
      failed: (message) => {
        if (this.state === 'loading') [this.state, this.problem] = ['failed', message];
      },
    });
    return () => this.leave();
  }

  private begin({ job, epochs }: Moment): void {
    this.row = job;
    this.epochs = epochs;
    this.state = job ? 'ready' : 'absent';
    // What was missed before these rows is missing in the history too.
    if (this.historyState === 'ready') void this.readHistory();
  }

  private take(events: PublicEvent[]): void {
    let { row, epochs } = this;
    for (const event of events) {
      const after = foldJob(row, event, row?.number ?? 0);
      if (after !== row) epochs = foldEpochs(epochs, event);
      row = after;
    }
    if (row) this.state = 'ready';
    this.row = row;
    this.epochs = epochs;
    if (this.historyState !== 'none') this.history = joined(this.history, events);
  }

  private measure(telemetry: Telemetry): void {
    if (!this.stepsRead) this.early.push(telemetry);
    else this.steps.push(telemetry);
    this.measured += 1;
  }

  /** All steps so far. Measurements that came while the socket was away are only there. */
  async readSteps(): Promise<void> {
    this.early = [];
    this.stepsRead = false;
    try {
      const curves = await this.curves({});
      const steps = new Steps();
      steps.begin(curves);
      const newest = curves.newest?.step ?? 0;
      this.early.filter((one) => one.step.step > newest).forEach((one) => steps.push(one));
      [this.steps, this.thinned, this.stepsProblem] = [steps, curves.thinned, null];
    } catch (error) {
      this.stepsProblem = explain(error);
      this.early.forEach((one) => this.steps.push(one));
    }
    this.early = [];
    this.stepsRead = true;
    this.measured += 1;
  }

  /** Reads what the curves leave out of some steps. */
  async lookCloser(from: number, to: number): Promise<void> {
    const { detail } = this;
    const same = detail?.from === from && detail.to === to;
    const within = detail !== null && !detail.thinned && detail.from <= from && to <= detail.to;
    if (!this.thinned || same || within) return;
    try {
      const steps = new Steps();
      const curves = await this.curves({ from, to });
      steps.begin(curves);
      this.detail = { from, to, steps, thinned: curves.thinned };
      this.stepsProblem = null;
    } catch (error) {
      this.stepsProblem = explain(error);
    }
  }

  private curves(range: { from?: number; to?: number }): Promise<StepCurves> {
    return session.api.get(`/v1/jobs/${this.id}/telemetry`, { points: CURVE_POINTS, ...range });
  }

  /** Every event of the job, oldest first, read once and kept up to date from then on. */
  async readHistory(): Promise<void> {
    if (this.readingHistory) return;
    this.readingHistory = true;
    // What is here is shown until there is more: nobody is thrown out of the past.
    if (this.historyState !== 'ready') this.historyState = 'loading';
    try {
      let found: PublicEvent[] = [];
      let after: number | null = 0;
      while (after !== null && found.length < HISTORY_EVENTS) {
        const page: EventPage = await session.api.get(`/v1/jobs/${this.id}/events`, {
          after,
          limit: PAGE_EVENTS,
          // What was told before is in the history too, however far the views are.
          wait_for: this.row?.sequence,
        });
        found = found.concat(page.events);
        after = page.next;
      }
      this.history = joined(found, this.history);
      this.historyState = 'ready';
    } catch (error) {
      this.problem = explain(error).message;
      this.historyState = 'failed';
    } finally {
      this.readingHistory = false;
    }
  }
}

/** Both, in order, each event once. */
function joined(some: readonly PublicEvent[], others: readonly PublicEvent[]): PublicEvent[] {
  const all = new Map([...some, ...others].map((event) => [event.sequence, event]));
  return [...all.values()].sort((a, b) => a.sequence - b.sequence);
}

/** The fold stopped early: the job right after the event `at`. */
export function momentAt(history: readonly PublicEvent[], at: number, number: number): Moment {
  let job: JobRow | null = null;
  // One array for the whole way: a history can have ten thousand epochs.
  const epochs: EpochRow[] = [];
  for (const event of history) {
    if (event.sequence > at) break;
    const after: JobRow | null = foldJob(job, event, number);
    if (after !== job) foldInto(epochs, event);
    job = after;
  }
  return { job, epochs };
}
