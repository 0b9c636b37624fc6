// Fifty jobs that log ten times a second each, told by a gateway made of answers: the rows, and what happens to them.
import { Answers, epochs, jobId, logged, template } from '../browser/answers';

export const JOBS = 50;
export const EACH_SECOND = 10;
/** Of a job: then it begins again, as the next attempt, so that a long look is one at a fleet and not at one curve. */
export const EPOCHS = 1_000;
/** Between two lots of events, in milliseconds. */
const LOT_MS = 50;

const TOKEN = 22;
const row = (number: number) => ({
  ...template,
  id: jobId(number),
  number,
  status: 'training' as const,
  token: TOKEN,
  config: { ...template.config, epochs: EPOCHS },
  sequence: number,
});

export class Busy {
  readonly gateway: Answers;
  told = 0;
  private sequence = 1_000;
  private owed = 0;
  private timer: NodeJS.Timeout | null = null;
  private tokens = new Map<number, number>();
  private epochs = new Map<number, number>();

  /** `points` of a curve that every job has already. */
  constructor(points = 0) {
    const steps = Array.from({ length: points }, (_, at) => at + 1);
    const values = steps.map((step) => Math.round(1e4 * Math.sin(step / 1_000)) / 1e4);
    const curves = points ? { 'loss:loss': { steps, values } } : {};
    const rows = Array.from({ length: JOBS }, (_, at) => row(JOBS - at));
    this.gateway = new Answers(
      (path) => {
        const one = /^\/v1\/jobs\/(?:0189.*-)?0*(\d+)$/.exec(path);
        if (one) return { job: row(Number(one[1])), epochs };
        if (path.endsWith('/telemetry')) return { curves, measurements: points, thinned: false, newest: null };
        return path === '/v1/jobs' ? { jobs: rows, next: null } : undefined;
      },
      (topic) => {
        if (topic === 'jobs') return { sequence: this.sequence, rows: { jobs: rows } };
        if (topic === 'activity') return { sequence: this.sequence, rows: { events: [] } };
        if (topic === 'workers') return { sequence: this.sequence, rows: { workers: [], unreachable: [] } };
        const job = /^job:.*-0*(\d+)$/.exec(topic);
        return job ? { sequence: this.sequence, rows: { job: row(Number(job[1])), epochs } } : undefined;
      },
    );
  }

  /** Begins to tell of `speed` times as much as fifty jobs say, on these topics. */
  talk(topics: readonly string[], speed = 1): void {
    let last = performance.now();
    this.timer = setInterval(() => {
      const now = performance.now();
      this.owed += ((now - last) / 1_000) * JOBS * EACH_SECOND * speed;
      last = now;
      for (; this.owed >= 1; this.owed -= 1) this.say(topics);
      this.gateway.say({ type: 'watermark', sequence: this.sequence, resume: {} });
    }, LOT_MS);
  }

  stop(): void {
    if (this.timer) clearInterval(this.timer);
  }

  /** The next job in turn logs an epoch, and what it measured at a step. */
  private say(topics: readonly string[]): void {
    const number = 1 + (this.told % JOBS);
    const epoch = (this.epochs.get(number) ?? 3) + 1;
    const aggregate = `job/${jobId(number)}`;
    const tell = (kind: string, body: object) => {
      this.sequence += 1;
      const event = { ...logged, kind, aggregate, sequence: this.sequence, body };
      for (const topic of topics) {
        if (topic.startsWith('job:') && !topic.endsWith(jobId(number))) continue;
        this.gateway.say({ type: 'event', topic, event, resume: `r${this.sequence}` });
      }
    };
    if (epoch > EPOCHS) {
      this.tokens.set(number, this.sequence + 1);
      this.epochs.set(number, 0);
      tell('job.attempt_started', { worker: 'w-1', attempt: 2, dispatch: 1, batch_divisor: 1, resume: null });
      return;
    }
    this.epochs.set(number, epoch);
    this.told += 1;
    const token = this.tokens.get(number) ?? TOKEN;
    const loss = 1 / epoch + Math.sin(this.told) / 50;
    tell('job.epoch_logged', { ...logged.body, token, epoch, validation: { accuracy: 1 - loss / 2, loss } });
    for (const topic of topics.filter((one) => one === `job:${jobId(number)}`)) {
      const step = {
        epoch,
        step: epoch * 100,
        steps: EPOCHS * 100,
        losses: { loss },
        learning_rate: 0.01,
        images_per_second: 900,
        data_wait_ms: 0.2,
        gpu_mib: 4_000,
        memory_mib: 900,
      };
      this.gateway.say({ type: 'telemetry', topic, job: jobId(number), telemetry: { token, step } });
    }
  }
}
