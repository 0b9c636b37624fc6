// Images to a model: each answer that is there is of the model and the image that it is shown with.
import { i18n } from '../i18n/i18n.svelte';
import { explain } from '../lib/api';
import { session } from './session.svelte';
import type { PredictAnswer } from '../wire/api';
import type { JobRow } from '../wire/rows';

const IMAGE_BYTES = 8 * 1024 * 1024;
/** Images that are held; the oldest go first. */
const IMAGES = 32;
/** Images that are asked about at a time. */
const AT_ONCE = 4;
/** What detectors tell without being asked for more, in per cent, and the least that can be asked for. */
export const USUAL = 25;
export const LEAST = 1;

/** One image, and what the model says of it. */
export class Asked {
  answer = $state.raw<PredictAnswer | null>(null);
  asking = $state(false);
  problem = $state<{ message: string; nextStep: string } | null>(null);
  /** From which confidence on it was asked, in per cent; null before. */
  from = $state<number | null>(null);
  /** Questions so far: only the newest may be answered. */
  turn = 0;

  constructor(
    readonly file: File,
    readonly url: string,
  ) {}

  forget(): void {
    [this.answer, this.problem, this.from, this.asking] = [null, null, null, false];
    this.turn += 1;
  }
}

export class Questions {
  /** In the order that they came in. */
  images = $state.raw<readonly Asked[]>([]);
  chosen = $state.raw<Asked | null>(null);
  /** Why something is no image that can be asked about, or why nobody can be asked. */
  problem = $state<{ message: string; nextStep: string } | null>(null);
  /** Answers below this confidence are not shown, in per cent. */
  least = $state(USUAL);
  /** The views have come to this event of the model's job. */
  private seen = 0;
  private running = 0;

  /** `model` is the one that is asked, if there is one. */
  constructor(private readonly model: () => JobRow | null) {}

  /** Another model is asked from now on. */
  forget(): void {
    this.images.forEach((image) => image.forget());
    this.problem = null;
  }

  take(files: Iterable<File> | null | undefined): void {
    const m = i18n.m.try;
    const given = [...(files ?? [])];
    if (given.length === 0) return;
    this.problem = null;
    const refused = (message: string) => void (this.problem = { message, nextStep: m.limits });
    const images = given.filter((file) => {
      if (!file.type.startsWith('image/')) return refused(m.notImage);
      if (file.size > IMAGE_BYTES) return refused(m.tooLarge);
      return true;
    });
    if (images.length === 0) return;
    const added = images.slice(0, IMAGES).map((file) => new Asked(file, URL.createObjectURL(file)));
    const all = [...this.images, ...added];
    all.slice(0, -IMAGES).forEach(({ url }) => URL.revokeObjectURL(url));
    this.images = all.slice(-IMAGES);
    this.chosen = added[0]!;
    this.ask();
  }

  drop(image: Asked): void {
    const at = this.images.indexOf(image);
    image.forget();
    URL.revokeObjectURL(image.url);
    this.images = this.images.filter((one) => one !== image);
    if (this.chosen === image) this.chosen = this.images[Math.min(at, this.images.length - 1)] ?? null;
  }

  /** Nobody looks at them any more. */
  end(): void {
    this.images.forEach((image) => this.drop(image));
  }

  again(image: Asked): void {
    image.forget();
    this.ask();
  }

  /** Asks about what has no answer, or none that goes down to where one looks; the image that is shown first. */
  ask(): void {
    if (!this.model()?.deployed) return;
    const wanted = this.least < USUAL ? LEAST : USUAL;
    const due = (image: Asked) => !image.asking && !image.problem && (image.from === null || image.from > wanted);
    const waiting = this.images.filter(due);
    if (this.chosen && waiting.includes(this.chosen)) waiting.unshift(this.chosen);
    for (const image of new Set(waiting)) {
      if (this.running >= AT_ONCE) return;
      void this.one(image, wanted);
    }
  }

  private async one(image: Asked, from: number): Promise<void> {
    const model = this.model()!;
    const mine = (image.turn += 1);
    image.asking = true;
    this.running += 1;
    try {
      // The socket can know of the deployment before the views do, which a question is checked against.
      if (model.sequence !== this.seen) await session.api.get(`/v1/jobs/${model.id}`, { wait_for: model.sequence });
      if (mine !== image.turn) return;
      this.seen = model.sequence;
      const told = await session.api.predict<PredictAnswer>(model.id, image.file, from / 100);
      if (mine === image.turn) [image.answer, image.from] = [told, from];
    } catch (error) {
      if (mine === image.turn) image.problem = explain(error);
    } finally {
      this.running -= 1;
      if (mine === image.turn) image.asking = false;
      this.ask();
    }
  }
}
