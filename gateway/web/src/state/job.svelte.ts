// One job: its row and curve as of now, its step measurements, and its whole history for going back in time.
import { Series } from '../charts/series';
import { explain } from '../lib/api';
import { foldEpochs, foldJob } from '../live/fold';
import type { PublicEvent } from '../wire/events';
import type { EpochRow, JobRow, Telemetry } from '../wire/rows';
import { session } from './session.svelte';

const PAGE_EVENTS = 200;
/** Events of a history that the page reads: 10,000 epochs with as many checkpoints, and room. */
const HISTORY_EVENTS = 40_000;
/** Step measurements that are read at first; the others come as they are taken. */
const TELEMETRY_ROWS = 1_000;

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

  push({ step }: Telemetry): void {
    this.steps = step.steps;
    this.last = step;
    const put = (name: string, value: number) => {
      let series = this.series.get(name);
      if (!series) this.series.set(name, (series = new Series()));
      series.push(step.step, value);
    };
    for (const [name, value] of Object.entries(step.losses)) put(`loss:${name}`, value);
    put('learning_rate', step.learning_rate);
    put('images_per_second', step.images_per_second);
    put('data_wait_ms', step.data_wait_ms);
    if (step.gpu_mib !== null) put('gpu_mib', step.gpu_mib);
  }
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
  private early: Telemetry[] = [];
  private leave = () => {};

  constructor(readonly id: string) {}

  follow(): () => void {
    void this.readTelemetry();
    this.leave = session.socket!.subscribe(`job:${this.id}`, {
      initial: (rows) => this.begin(rows as Moment),
      events: (events) => this.take(events),
      telemetry: (_, telemetry) => this.measure(telemetry),
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

  private async readTelemetry(): Promise<void> {
    const path = `/v1/jobs/${this.id}/telemetry`;
    const { telemetry } = await session.api
      .get<{ telemetry: Telemetry[] }>(path, { limit: TELEMETRY_ROWS })
      .catch(() => ({ telemetry: [] }));
    const newest = telemetry.at(-1)?.step.step ?? 0;
    telemetry.forEach((one) => this.steps.push(one));
    this.early.filter((one) => one.step.step > newest).forEach((one) => this.steps.push(one));
    this.early = [];
    this.stepsRead = true;
    this.measured += 1;
  }

  /** Every event of the job, oldest first, read once and kept up to date from then on. */
  async readHistory(): Promise<void> {
    if (this.historyState === 'loading') return;
    this.historyState = 'loading';
    try {
      let found: PublicEvent[] = [];
      let after: number | null = 0;
      while (after !== null && found.length < HISTORY_EVENTS) {
        const page: { events: PublicEvent[]; next: number | null } = await session.api.get(
          `/v1/jobs/${this.id}/events`,
          {
            after,
            limit: PAGE_EVENTS,
          },
        );
        found = found.concat(page.events);
        after = page.next;
      }
      this.history = joined(found, this.history);
      this.historyState = 'ready';
    } catch (error) {
      this.problem = explain(error).message;
      this.historyState = 'failed';
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
  let moment: Moment = { job: null, epochs: [] };
  for (const event of history) {
    if (event.sequence > at) break;
    const job = foldJob(moment.job, event, number);
    if (job !== moment.job) moment = { job, epochs: foldEpochs(moment.epochs, event) };
  }
  return moment;
}
