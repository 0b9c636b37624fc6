// Folds events into rows exactly as the projections do, so that a page can go on from a snapshot, or stop early.
// Pure, and compared with Rust step by step on the same golden events. A row is never changed in place.
import type { ChatEvent, DatasetEvent, EndpointEvent, JobEvent, ModelEvent, PublicEvent } from './events';
import { subjectId } from './events';
import type {
  Artifact,
  ChatMessage,
  ChatRow,
  CheckpointMark,
  DatasetRow,
  EpochRow,
  JobRow,
  JobStatus,
  ModelRow,
  Reason,
} from '../wire/rows';

const TITLE_CHARS = 80;

export function isTerminal(status: JobStatus): boolean {
  return status === 'finished' || status === 'failed' || status === 'cancelled';
}

export function isJobEvent(event: PublicEvent): event is JobEvent {
  return event.kind.startsWith('job.');
}

export function isEndpointEvent(event: PublicEvent): event is EndpointEvent {
  return event.kind.startsWith('endpoint.');
}

function isChatEvent(event: PublicEvent): event is ChatEvent {
  return event.kind.startsWith('chat.');
}

function isDatasetEvent(event: PublicEvent): event is DatasetEvent {
  return event.kind.startsWith('dataset.');
}

function isModelEvent(event: PublicEvent): event is ModelEvent {
  return event.kind.startsWith('model.');
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
  return { ...row, ...change(row, event), sequence: event.sequence };
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

/** The curve after an event that counted for its job, in order of epoch; the same array if nothing changed. */
export function foldEpochs(curve: readonly EpochRow[], event: PublicEvent): readonly EpochRow[] {
  const next = [...curve];
  return foldInto(next, event) ? next : curve;
}

/** The same in place, for who owns the curve; says whether anything changed. */
export function foldInto(curve: EpochRow[], event: PublicEvent): boolean {
  if (event.kind === 'job.attempt_started') return cut(curve, event.body.resume?.epoch ?? 0).length > 0;
  if (event.kind !== 'job.epoch_logged') return false;
  const { epoch, token, train, validation, is_best, learning_rate, seconds } = event.body;
  const { tenant, at, sequence } = event;
  const job = subjectId(event);
  const row = { tenant, job, epoch, token, train, validation, is_best, learning_rate, seconds, at, sequence };
  // Nearly always the next one; else what it replaces goes, and what is later stays.
  const later = cut(curve, epoch - 1).filter((other) => other.epoch !== epoch);
  curve.push(row, ...later);
  return true;
}

/** Takes away the epochs after `epoch`, and gives them back. */
function cut(curve: EpochRow[], epoch: number): EpochRow[] {
  let length = curve.length;
  while (length > 0 && curve[length - 1]!.epoch > epoch) length -= 1;
  return curve.splice(length);
}

/** The message that an event is; null if nothing is said with it in a chat. */
export function messageOf(event: PublicEvent): ChatMessage | null {
  if (!isChatEvent(event) || event.kind === 'chat.annotated' || event.kind === 'chat.prompts_erased') return null;
  const message: ChatMessage = {
    tenant: event.tenant,
    chat: subjectId(event),
    sequence: event.sequence,
    who: 'trainyard',
    actor: event.actor,
    kind: event.kind,
    text: '',
    because: [],
    choices: [],
    intent: null,
    proposal: null,
    hash: null,
    erased: false,
    at: event.at,
  };
  switch (event.kind) {
    case 'chat.prompt_received':
      return { ...message, who: 'user', text: event.body.text };
    case 'chat.config_proposed': {
      const { proposal, reply, choices = [] } = event.body;
      return { ...message, text: reply, proposal, hash: proposal.hash, choices };
    }
    case 'chat.reply_given': {
      const { reply, intent, because = [], choices = [] } = event.body;
      return { ...message, text: reply, intent, because, choices };
    }
    default:
      return { ...message, text: event.body.reply, hash: event.body.hash };
  }
}

export function foldChat(row: ChatRow | null, event: PublicEvent): ChatRow | null {
  if (row && event.kind === 'chat.annotated') {
    if (event.sequence <= row.sequence) return row;
    const { title, archived } = event.body;
    return { ...row, title: title || row.first, archived, sequence: event.sequence };
  }
  // The socket has the rows read anew: what was said is in them no more.
  if (row && event.kind === 'chat.prompts_erased') {
    return event.sequence <= row.sequence ? row : { ...row, title: '', first: '', sequence: event.sequence };
  }
  const message = messageOf(event);
  if (!message || !isChatEvent(event)) return row;
  if (row && event.sequence <= row.sequence) return row;
  const first = Array.from(message.text).slice(0, TITLE_CHARS).join('');
  const next: ChatRow = row ?? {
    tenant: message.tenant,
    id: message.chat,
    title: first,
    first,
    archived: false,
    language: null,
    proposal: null,
    messages: 0,
    created_at: event.at,
    last_at: event.at,
    quarantine: null,
    sequence: 0,
  };
  const after = { ...next, messages: next.messages + 1, last_at: event.at, sequence: event.sequence };
  switch (event.kind) {
    case 'chat.prompt_received':
      return { ...after, ...begunAnew(next, first), language: event.body.language };
    case 'chat.config_proposed':
      return { ...after, proposal: event.body.proposal };
    case 'chat.reply_given':
      return after;
    default:
      return { ...after, proposal: null };
  }
}

/** Where the beginning is erased, the next prompt is the first one. */
function begunAnew(row: ChatRow, said: string): Pick<ChatRow, 'title' | 'first'> {
  const first = row.first || said;
  return { first, title: row.title || first };
}

/** An answer to an older registration, or a second one to the same, changes nothing. */
export function foldDataset(row: DatasetRow | null, event: PublicEvent): DatasetRow | null {
  if (!isDatasetEvent(event) || (row && event.sequence <= row.sequence)) return row;
  if (event.kind === 'dataset.registered') {
    return {
      tenant: event.tenant,
      id: subjectId(event),
      path: event.body.path,
      source: event.body.remote ?? event.body.source ?? { from: 'path' },
      task: event.body.task,
      status: 'pending',
      inspection: event.sequence,
      profile: null,
      artifacts: [],
      versions: row?.versions ?? [],
      tags: row?.tags ?? {},
      archived: row?.archived ?? false,
      problem: null,
      next_step: null,
      because: [],
      advice: [],
      report: [],
      bad_files: 0,
      registered_at: row?.registered_at ?? event.at,
      at: event.at,
      quarantine: null,
      sequence: event.sequence,
    };
  }
  const changed = row && changeOf(row, event);
  return changed ? { ...row, ...changed, at: event.at, sequence: event.sequence } : row;
}

type DatasetChange = Exclude<DatasetEvent, { kind: 'dataset.registered' }>;

/** What is other after the event; null if it does not count. */
function changeOf(row: DatasetRow, event: DatasetChange): Partial<DatasetRow> | null {
  const isPending = (inspection: number) => row.status === 'pending' && row.inspection === inspection;
  switch (event.kind) {
    case 'dataset.validated': {
      const { inspection, profile, artifacts = [], version } = event.body;
      if (!isPending(inspection)) return null;
      const isNew = version && version.number > (row.versions.at(-1)?.number ?? 0);
      const versions = isNew ? [...row.versions, version] : row.versions;
      return { status: 'valid', profile, artifacts, versions };
    }
    case 'dataset.rejected': {
      const { inspection, problem, next_step, report, bad_files, because = [], advice = [] } = event.body;
      if (!isPending(inspection)) return null;
      return { status: 'rejected', problem, next_step, because, advice, report, bad_files };
    }
    case 'dataset.tagged':
      return { tags: { ...row.tags, [event.body.tag]: event.body.version } };
    case 'dataset.untagged':
      return { tags: tagsWhere(row, (tag) => tag !== event.body.tag) };
    case 'dataset.archived':
      return { archived: true };
    case 'dataset.restored':
      return { archived: false };
    case 'dataset.deleted':
      return lose(row, event.body.versions, event.body.whole ?? false);
  }
}

function tagsWhere(row: DatasetRow, stays: (tag: string, version: number) => boolean): DatasetRow['tags'] {
  return Object.fromEntries(Object.entries(row.tags).filter(([tag, version]) => stays(tag, version)));
}

function lose(row: DatasetRow, gone: readonly number[], whole: boolean): Partial<DatasetRow> {
  const versions = row.versions.filter(({ number }) => !gone.includes(number));
  const tags = tagsWhere(row, (_, version) => !gone.includes(version));
  if (!whole && (versions.length > 0 || row.status === 'pending')) return { versions, tags };
  const nothing = { profile: null, artifacts: [], problem: null, next_step: null, because: [], advice: [], report: [] };
  return { versions, tags, ...nothing, bad_files: 0, status: 'deleted', archived: false, source: { from: 'path' } };
}

/** A model begins with its first version. */
export function foldModel(row: ModelRow | null, event: PublicEvent): ModelRow | null {
  if (!isModelEvent(event) || (row && event.sequence <= row.sequence)) return row;
  if (!row && event.kind !== 'model.registered') return null;
  const begun = { tenant: event.tenant, id: subjectId(event), registered_at: event.at, quarantine: null };
  const name = event.kind === 'model.registered' ? event.body.name : '';
  const before: ModelRow = row ?? { ...begun, name, versions: [], aliases: {}, at: event.at, sequence: 0 };
  return { ...before, ...modelChange(before, event), at: event.at, sequence: event.sequence };
}

function modelChange({ versions, aliases }: ModelRow, event: ModelEvent): Partial<ModelRow> {
  switch (event.kind) {
    case 'model.registered': {
      const { version: number, card } = event.body;
      return { versions: [...versions, { number, card, archived: false, registered_at: event.at }] };
    }
    case 'model.aliased': {
      const { alias, version, former = null } = event.body;
      return { aliases: { ...aliases, [alias]: { version, former, since: event.at } } };
    }
    case 'model.alias_removed':
      return { aliases: Object.fromEntries(Object.entries(aliases).filter(([alias]) => alias !== event.body.alias)) };
    case 'model.archived':
    case 'model.restored': {
      const archived = event.kind === 'model.archived';
      return {
        versions: versions.map((one) => (one.number === event.body.version ? { ...one, archived } : one)),
      };
    }
  }
}
