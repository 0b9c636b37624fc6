// From nothing to a training in one step: images are drawn, stored, looked at, and a job begins on them.
import { i18n } from '../i18n/i18n.svelte';
import { explain } from '../lib/api';
import { written } from '../lib/dataset';
import { pictures, SIDE } from '../lib/sample';
import { sent } from '../lib/upload';
import { subjectId } from '../live/events';
import type { DatasetAnswer, DatasetRegistered, NewDataset, NewJob, Ordered } from '../wire/api';
import type { DatasetRow } from '../wire/rows';
import { catalog } from './catalog.svelte';
import { router } from './router.svelte';
import { session } from './session.svelte';
import { toasts } from './toasts.svelte';

/** What the dataset is called. */
const NAME = 'sample-shapes';
/** Small, and trained by our own trainer; where that is not here, whatever is. */
const MODEL = 'resnet18';
const EPOCHS = 8;
/** Few images make few steps: small batches make more of them, and a running mean of the weights would lag behind. */
const SHORT = { batch_size: 16, ema: false, augmentation: 'none' } as const;

class Sample {
  stage = $state<'idle' | 'drawing' | 'sending' | 'looking' | 'starting'>('idle');
  problem = $state.raw<{ message: string; nextStep: string } | null>(null);

  async begin(): Promise<void> {
    if (this.stage !== 'idle') return;
    this.problem = null;
    const here = router.path;
    try {
      const job = await this.train();
      const href = `/jobs/${job.number ?? job.id}`;
      if (router.path === here) router.go(href);
      else toasts.show(i18n.m.home.sample.begun(job.number ?? job.id), 'good', href);
    } catch (error) {
      this.problem = explain(error);
    } finally {
      this.stage = 'idle';
    }
  }

  private async train(): Promise<Ordered['job']> {
    const { api } = session;
    this.stage = 'drawing';
    const found = await pictures();
    if (!found) throw new Error(i18n.m.home.sample.blank);
    this.stage = 'sending';
    const files = await sent(api, found, new AbortController().signal);
    this.stage = 'looking';
    const body: NewDataset = { path: NAME, files, task: 'classify' };
    const { dataset, sequence } = await api.post<DatasetRegistered>('/v1/datasets', body);
    const row = await verdict(dataset.id, sequence);
    if (row.status !== 'valid') throw new Error(i18n.why(row.because, row.problem ?? ''));
    this.stage = 'starting';
    await catalog.readModels('classify');
    const known = catalog.models.classify ?? [];
    const model = known.includes(MODEL) ? MODEL : (known[0] ?? MODEL);
    const order: NewJob = {
      model,
      dataset: written(row),
      task: 'classify',
      epochs: EPOCHS,
      image_size: SIDE,
      ...SHORT,
    };
    return (await api.post<Ordered>('/v1/jobs', order)).job;
  }
}

/** What the fleet has found, as soon as it has looked; `since` is the event that asked for it. */
function verdict(id: string, since: number | null): Promise<DatasetRow> {
  return new Promise((done, fail) => {
    const ask = async (waitFor: number | null) => {
      try {
        const { dataset } = await session.api.get<DatasetAnswer>(`/v1/datasets/${id}`, { wait_for: waitFor });
        if (dataset.status === 'pending') return;
        leave();
        done(dataset);
      } catch (error) {
        leave();
        fail(error);
      }
    };
    const leave = session.socket!.subscribe('activity', {
      initial: () => void ask(since),
      events: (events) => {
        const last = events.findLast((event) => event.kind.startsWith('dataset.') && subjectId(event) === id);
        if (last) void ask(last.sequence);
      },
    });
  });
}

export const sample = new Sample();
