// An image to a model: the answer that is there is always of the model and the image that are shown.
import { i18n } from '../i18n/i18n.svelte';
import { explain } from '../lib/api';
import { session } from './session.svelte';
import type { PredictAnswer } from '../wire/api';
import type { JobRow } from '../wire/rows';

const IMAGE_BYTES = 8 * 1024 * 1024;

export class Question {
  image = $state.raw<{ file: File; url: string } | null>(null);
  answer = $state.raw<PredictAnswer | null>(null);
  asking = $state(false);
  problem = $state<{ message: string; nextStep: string } | null>(null);
  /** The views have come to this event of the model's job. */
  private seen = 0;
  /** Questions so far: only the newest may be answered. */
  private asked = 0;

  /** `model` is the one that is asked, if there is one. */
  constructor(private readonly model: () => JobRow | null) {}

  /** Another model is asked from now on. */
  forget(): void {
    this.answer = null;
    this.problem = null;
    // What the model before it still says is not about this one.
    this.asked += 1;
    this.asking = false;
  }

  async take(file: File | undefined): Promise<void> {
    if (!file) return;
    const m = i18n.m.try;
    this.problem = null;
    this.answer = null;
    if (!file.type.startsWith('image/')) return void (this.problem = { message: m.notImage, nextStep: m.limits });
    if (file.size > IMAGE_BYTES) return void (this.problem = { message: m.tooLarge, nextStep: m.limits });
    this.image = { file, url: URL.createObjectURL(file) };
    await this.ask();
  }

  async ask(): Promise<void> {
    const [image, model] = [this.image, this.model()];
    if (!image || !model?.deployed) return;
    const mine = (this.asked += 1);
    this.asking = true;
    this.problem = null;
    try {
      // The socket can know of the deployment before the views do, which a question is checked against.
      if (model.sequence !== this.seen) await session.api.get(`/v1/jobs/${model.id}`, { wait_for: model.sequence });
      if (mine !== this.asked) return;
      this.seen = model.sequence;
      const told = await session.api.predict<PredictAnswer>(model.id, image.file);
      if (mine === this.asked) this.answer = told;
    } catch (error) {
      if (mine === this.asked) this.problem = explain(error);
    } finally {
      if (mine === this.asked) this.asking = false;
    }
  }
}
