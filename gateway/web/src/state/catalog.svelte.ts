// What there is to choose from: datasets that were named, and models that can be trained. Read when first needed.
import type { DatasetRow, Model } from '../wire/rows';
import { session } from './session.svelte';

class Catalog {
  datasets = $state.raw<readonly DatasetRow[]>([]);
  models = $state.raw<readonly Model[]>([]);

  /** Suggestions only: without them, names are written by hand. */
  async read(): Promise<void> {
    const { api } = session;
    const [datasets, models] = await Promise.allSettled([
      api.get<{ datasets: DatasetRow[] }>('/v1/datasets', { limit: 200 }),
      this.models.length ? null : api.get<{ models: Model[] }>('/v1/models'),
    ]);
    if (datasets.status === 'fulfilled') this.datasets = datasets.value.datasets;
    if (models.status === 'fulfilled' && models.value) this.models = models.value.models;
  }
}

export const catalog = new Catalog();
