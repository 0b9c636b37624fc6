// Folds events into the row of a job. Exactly as the projections do, so that a page can go on from a snapshot, or stop
// early. Pure, and compared with Rust step by step on the same golden events; a row is never changed in place.
import { isEndpointEvent, isJobEvent, subjectId, type JobEvent, type PublicEvent } from '../events';
import { NOTHING, spend } from '../spending';
import type { Artifact, CheckpointMark, JobRow, JobStatus, Reason } from '../../wire/rows';

export function isTerminal(status: JobStatus): boolean {
  return status === 'finished' || status === 'failed' || status === 'cancelled';
}

/** The row after the event; the same object if the event does not count. `number` is that of a job this begins. */
export function foldJob(row: JobRow | null, event: PublicEvent, number: number): JobRow | null {
  if (!row) return event.kind === 'job.requested' ? requested(event, number) : null;
  if (event.sequence <= row.sequence) return row;
  if (isEndpointEvent(event)) {
    return { ...row, deployed: event.kind === 'endpoint.deployed', sequence: event.sequence };
  }
  // The end of work does not end what people say of it.
  if (event.kind === 'job.annotated') {
    return { ...row, annotation: event.body.annotation, sequence: event.sequence };
  }
  if (!isJobEvent(event) || isTerminal(row.status) || isStale(row, event) || event.kind === 'job.requested') return row;
  return {
    ...row,
    ...change(row, event),
    spending: spend(row.spending, event),
    sequence: event.sequence,
  };
}

function requested(event: Extract<JobEvent, { kind: 'job.requested' }>, number: number): JobRow {
  const { config, config_hash, dataset, chat } = event.body;
  const row: JobRow = {
    tenant: event.tenant,
    id: subjectId(event),
    number,
    status: 'requested',
    config,
    config_hash,
    dataset,
    chat,
    owner: event.actor.startsWith('user:') ? event.actor.slice('user:'.length) : null,
    annotation: { title: '', tags: [], note: '', archived: false },
    pool: null,
    waiting_reason: null,
    waiting_because: [],
    worker: null,
    attempt: 0,
    token: null,
    batch_divisor: 1,
    resumed_epoch: 0,
    device: null,
    parameters: null,
    train_images: null,
    validation_images: null,
    dataset_hash: null,
    classes: [],
    resolved: {},
    epochs_done: 0,
    progress: 0,
    primary: null,
    best_epoch: null,
    best: null,
    last: null,
    checkpoint: null,
    failed_attempts: 0,
    failure: null,
    cancel_reason: null,
    cancel_because: [],
    artifacts: [],
    stopped_early: null,
    stopped_because: [],
    deployed: false,
    spending: NOTHING,
    quarantine: null,
    requested_at: event.at,
    started_at: null,
    finished_at: null,
    sequence: event.sequence,
  };
  return { ...row, ...takenOver(row) };
}

/** A job that continues another stands where that one's checkpoint was. */
function takenOver(row: JobRow): Partial<JobRow> {
  const from = row.config.continues;
  if (!from) return {};
  const { best_epoch, best } = from;
  const { epoch, step } = from.checkpoint;
  return { best_epoch, best, checkpoint: { epoch, step, best_epoch, best }, ...epochsDone(row, epoch) };
}

/** Consoles of attempts without results stand behind the results, the newest first. */
function withConsole(row: JobRow, console: Artifact | undefined): Artifact[] {
  return console ? [console, ...row.artifacts] : row.artifacts;
}

/** A fact that carries a token is only believed while that token is current. */
function isStale(row: JobRow, event: JobEvent): boolean {
  const token = 'token' in event.body ? event.body.token : null;
  return token !== null && token !== row.token;
}

function change(row: JobRow, event: JobEvent): Partial<JobRow> {
  switch (event.kind) {
    case 'job.requested':
    case 'job.annotated':
    // What comes of it is told by the attempt itself.
    case 'job.preempt_requested':
      return {};
    case 'job.dispatched': {
      const { pool, reason, withdrawn, because = [] } = event.body;
      if (withdrawn) return wait(row, reason, because);
      return { pool, waiting_reason: reason, waiting_because: because, status: goOn(row, 'queued') };
    }
    case 'job.attempt_started':
      return start(row, event);
    case 'job.training_started': {
      const { device, parameters, classes, dataset_hash, resolved, train_images, validation_images } = event.body;
      return {
        device,
        parameters,
        classes,
        dataset_hash,
        resolved,
        train_images,
        validation_images,
        status: goOn(row, 'training'),
      };
    }
    case 'job.epoch_logged': {
      const { epoch, validation, primary, is_best } = event.body;
      const best = is_best ? { best_epoch: epoch, best: validation } : {};
      return { ...epochsDone(row, epoch), primary, last: validation, ...best };
    }
    case 'job.checkpoint_committed': {
      const { epoch, step } = event.body.checkpoint;
      return { checkpoint: { epoch, step, best_epoch: row.best_epoch, best: row.best } };
    }
    case 'job.attempt_preempted': {
      const { reason, because = [] } = event.body;
      const ended = { code: 'attempt_preempted', attempt: row.attempt };
      return wait(row, `attempt ${row.attempt} was preempted: ${reason}`, [ended, ...because]);
    }
    case 'job.attempt_lost': {
      const ended = { code: 'attempt_lost', attempt: row.attempt, worker: row.worker ?? 'its worker' };
      return wait(row, `attempt ${row.attempt} was lost: ${ended.worker} fell silent`, [ended]);
    }
    case 'job.attempt_failed': {
      const { failure, console } = event.body;
      const ended = { code: 'attempt_failed', attempt: row.attempt };
      const because = [ended, ...(failure.because ?? [])];
      const waiting = wait(row, `attempt ${row.attempt} failed: ${failure.message}`, because);
      const artifacts = withConsole(row, console);
      return { ...waiting, failed_attempts: row.failed_attempts + 1, failure, artifacts };
    }
    case 'job.cancel_requested': {
      const { reason, because = [] } = event.body;
      return { cancel_reason: reason, cancel_because: because, status: 'cancelling' };
    }
    case 'job.cancelled':
      return { artifacts: withConsole(row, event.body.console), ...end('cancelled', event.at) };
    case 'job.finished': {
      const { best_epoch, measurements, classes, stopped_early, because = [] } = event.body;
      const artifacts = [...event.body.artifacts, ...row.artifacts];
      const results = { best_epoch, best: measurements, classes, artifacts, stopped_early, stopped_because: because };
      return { ...results, failure: null, progress: 1, ...end('finished', event.at) };
    }
    case 'job.failed':
      return { failure: event.body.failure, ...end('failed', event.at) };
  }
}

/** Cancelling is only left for the end. */
function goOn(row: JobRow, status: JobStatus): JobStatus {
  return row.status === 'cancelling' ? row.status : status;
}

/** What was reached after the checkpoint is gone: the curve goes on from there. */
function start(row: JobRow, event: Extract<JobEvent, { kind: 'job.attempt_started' }>): Partial<JobRow> {
  const { worker, attempt, batch_divisor, resume } = event.body;
  const mark: CheckpointMark | null =
    row.checkpoint && resume && resume.step === row.checkpoint.step ? row.checkpoint : null;
  return {
    worker,
    attempt,
    batch_divisor,
    started_at: row.started_at ?? event.at,
    best_epoch: mark?.best_epoch ?? null,
    best: mark?.best ?? null,
    checkpoint: mark,
    last: null,
    token: event.sequence,
    resumed_epoch: resume?.epoch ?? 0,
    ...epochsDone(row, resume?.epoch ?? 0),
    waiting_reason: null,
    waiting_because: [],
    status: goOn(row, 'starting'),
  };
}

function epochsDone(row: JobRow, epochs: number): Partial<JobRow> {
  return { epochs_done: epochs, progress: Math.min(epochs / Math.max(row.config.epochs, 1), 1) };
}

function wait(row: JobRow, reason: string, because: Reason[]): Partial<JobRow> {
  const status = goOn(row, 'requested');
  return { token: null, worker: null, waiting_reason: reason, waiting_because: because, status };
}

function end(status: JobStatus, at: string): Partial<JobRow> {
  return { status, waiting_reason: null, waiting_because: [], finished_at: at };
}
