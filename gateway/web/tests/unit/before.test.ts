// The curve of a job that goes on from others begins with theirs: one line from the first epoch on.
import { afterEach, expect, it, vi } from 'vitest';
import golden from '../golden/folds.json';
import { epochsBefore } from '../../src/state/before';
import { session } from '../../src/state/session.svelte';
import type { EpochRow, JobRow } from '../../src/wire/rows';

const template = golden[0]!.steps[5]!.job as unknown as JobRow;
const logged = golden[0]!.steps[5]!.epochs[0] as unknown as EpochRow;
const { api } = session;
afterEach(() => (session.api = api));

const continues = (job: string, epoch: number) =>
  ({ job, checkpoint: { epoch, step: epoch * 10 }, best_epoch: null, best: null }) as unknown as NonNullable<
    JobRow['config']['continues']
  >;
const row = (id: string, from?: ReturnType<typeof continues>): JobRow => ({
  ...template,
  id,
  config: { ...template.config, ...(from && { continues: from }) },
});
const epochs = (job: string, first: number, last: number): EpochRow[] =>
  Array.from({ length: last - first + 1 }, (_, at) => ({ ...logged, job, epoch: first + at }));

it('takes of each job what came before the checkpoint that the next one began at', async () => {
  // The first ran to its fifth epoch, and the second began at its third: what it learnt after that is not part of the curve.
  const there: Record<string, { job: JobRow; epochs: EpochRow[] }> = {
    first: { job: row('first'), epochs: epochs('first', 1, 5) },
    second: { job: row('second', continues('first', 3)), epochs: epochs('second', 4, 8) },
  };
  const get = vi.fn(async (path: string) => there[path.split('/').at(-1)!]);
  session.api = { get } as unknown as typeof session.api;
  const found = await epochsBefore(row('third', continues('second', 6)));
  expect(found.map(({ job, epoch }) => `${job} ${epoch}`)).toEqual([
    'first 1',
    'first 2',
    'first 3',
    'second 4',
    'second 5',
    'second 6',
  ]);
  expect(await epochsBefore(row('alone'))).toEqual([]);
  expect(get).toHaveBeenCalledTimes(2);
});
