// The fold gives the rows that Rust gives, after every event, stale and repeated ones too.
import { describe, expect, it } from 'vitest';
import golden from '../golden/folds.json';
import { foldChat, messageOf } from '../../src/live/fold/chat';
import { foldDataset } from '../../src/live/fold/dataset';
import { foldEpochs } from '../../src/live/fold/epochs';
import { foldJob } from '../../src/live/fold/job';
import { foldModel } from '../../src/live/fold/model';
import { momentAt } from '../../src/state/job.svelte';
import type { PublicEvent } from '../../src/live/events';
import type {
  ChatMessage,
  ChatRow,
  Continuation,
  DatasetRow,
  EpochRow,
  JobRow,
  ModelRow,
  TrainingConfig,
} from '../../src/wire/rows';

/** Fails to compile when a row of Rust and its type here do not have the same fields. */
type SameFields<Rust, Ours> = [keyof Rust] extends [keyof Ours]
  ? [keyof Ours] extends [keyof Rust]
    ? true
    : false
  : false;
type Step = (typeof golden)[number]['steps'][number];
type Row<Name extends keyof Step> = NonNullable<Step[Name]>;
const sameFields: [
  SameFields<Row<'job'>, JobRow>,
  // Only one that goes on from another job says so, or that a runner trains.
  SameFields<
    Row<'job'>['config'],
    Omit<TrainingConfig, 'continues' | 'runner' | 'options' | 'resources' | 'max_cost' | 'max_hours'>
  >,
  // Only a fork with other values says what its checkpoint was trained as.
  SameFields<Extract<Row<'job'>['config'], { continues: object }>['continues'], Omit<Continuation, 'trained_as'>>,
  SameFields<Row<'epochs'>[number], EpochRow>,
  SameFields<Row<'chat'>, ChatRow>,
  SameFields<Row<'message'>, ChatMessage>,
  SameFields<Row<'dataset'>, DatasetRow>,
  SameFields<Row<'model'>, ModelRow>,
] = [true, true, true, true, true, true, true, true];

const NUMBER = 7;

it('shows a history of ten thousand epochs as it was after any of them', () => {
  const [requested, dispatched, started] = golden[0]!.steps.map((step) => step.event) as unknown as PublicEvent[];
  const logged = golden[0]!.steps[4]!.event as unknown as Extract<PublicEvent, { kind: 'job.epoch_logged' }>;
  const first = started!.sequence + 1;
  const epochs = Array.from({ length: 10_000 }, (_, at) => {
    return { ...logged, sequence: first + at, body: { ...logged.body, epoch: at + 1, token: started!.sequence } };
  });
  const history = [requested!, dispatched!, started!, ...epochs];
  expect(
    momentAt(history, first + 4_999, NUMBER)
      .epochs.map((one) => one.epoch)
      .at(-1),
  ).toBe(5_000);
  const { job, epochs: all } = momentAt(history, Infinity, NUMBER);
  expect([job!.epochs_done, all.length]).toEqual([10_000, 10_000]);
  expect(momentAt(history, requested!.sequence - 1, NUMBER)).toEqual({ job: null, epochs: [] });
});

describe.each(golden)('$name', ({ steps }) => {
  it('folds as Rust does, and twice is once', () => {
    expect(sameFields).not.toContain(false);
    let job: JobRow | null = null;
    let epochs: readonly EpochRow[] = [];
    let chat: ChatRow | null = null;
    let dataset: DatasetRow | null = null;
    let model: ModelRow | null = null;
    for (const step of steps) {
      const event = step.event as unknown as PublicEvent;
      for (const _ of ['first', 'again']) {
        const before: JobRow | null = job;
        job = foldJob(job, event, NUMBER);
        if (job !== before) epochs = foldEpochs(epochs, event);
        chat = foldChat(chat, event);
        dataset = foldDataset(dataset, event);
        model = foldModel(model, event);
        const at = `${event.kind} at ${event.sequence}`;
        expect({ job, epochs, chat, dataset, model, message: messageOf(event) }, at).toEqual({
          job: step.job,
          epochs: step.epochs,
          chat: step.chat,
          dataset: step.dataset,
          model: step.model,
          message: step.message,
        });
      }
    }
  });
});
