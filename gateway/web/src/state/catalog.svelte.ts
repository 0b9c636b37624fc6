// What there is to choose from: datasets that were named, and models that can be trained. Read when first needed;
// suggestions only, so that without them names are written by hand.
import { explain } from '../lib/api';
import type { Options } from '../lib/config';
import type { DatasetList, ModelList } from '../wire/api';
import type { DatasetRow, Task } from '../wire/rows';
import { session } from './session.svelte';

class Catalog {
  datasets = $state.raw<readonly DatasetRow[]>([]);
  /** The names of those that can be trained now, by task. */
  models = $state.raw<Partial<Record<Task, string[]>>>({});
  /** By the name of a model that a runner trains: the settings that this runner has of its own. */
  options = $state.raw<Readonly<Record<string, Options>>>({});

  async readDatasets(): Promise<void> {
    try {
      this.datasets = (await session.api.get<DatasetList>('/v1/datasets', { limit: 200 })).datasets;
    } catch (error) {
      console.warn('no suggestions of datasets', explain(error).message);
    }
  }

  async readModels(task: Task): Promise<void> {
    if (this.models[task]) return;
    try {
      const { models, runners } = await session.api.get<ModelList>('/v1/models', { task });
      this.models = { ...this.models, [task]: models.filter((model) => model.trainable).map((model) => model.id) };
      const of = new Map(runners.map(({ runner, options = {} }) => [runner, options]));
      const trained = models.filter((model) => model.trainable && of.has(model.runner));
      this.options = { ...this.options, ...Object.fromEntries(trained.map(({ id, runner }) => [id, of.get(runner)!])) };
    } catch (error) {
      console.warn('no suggestions of models', explain(error).message);
    }
  }
}

export const catalog = new Catalog();
