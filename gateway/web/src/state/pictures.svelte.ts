// The bytes of images as addresses that the page can draw: a few on their way at once, and the last ones kept.
import { ApiError } from '../lib/api';
import { session } from './session.svelte';

/** Images on their way at once, and those that are kept; about 100 MB where each has 500 kB. */
const AT_ONCE = 6;
const KEPT = 200;
/** A gateway that is asked too much says so; it is asked again after this. */
const PAUSE_MS = 1_000;

export class Pictures {
  /** The one that was used last comes last. */
  private kept = new Map<string, string>();
  private waiting: (() => void)[] = [];
  private coming = 0;

  constructor(private readonly at: string) {}

  /** An address of the image, good until [`KEPT`] others were asked for; `cancel` is raised when nobody wants it any more. */
  async get(sha256: string, cancel: AbortSignal): Promise<string> {
    const known = this.kept.get(sha256);
    if (known) return this.keep(sha256, known);
    await this.turn(cancel);
    try {
      const there = this.kept.get(sha256);
      if (there) return this.keep(sha256, there);
      const bytes = await this.fetch(sha256, cancel);
      cancel.throwIfAborted();
      return this.keep(sha256, URL.createObjectURL(bytes));
    } finally {
      this.coming -= 1;
      this.waiting.shift()?.();
    }
  }

  /** Every address is void from now on. */
  close(): void {
    this.kept.forEach((url) => URL.revokeObjectURL(url));
    this.kept.clear();
  }

  private async fetch(sha256: string, cancel: AbortSignal): Promise<Blob> {
    for (;;) {
      try {
        return await session.api.picture(`${this.at}/${sha256}`, cancel);
      } catch (error) {
        if (!(error instanceof ApiError) || error.status !== 429) throw error;
        await new Promise((resume) => setTimeout(resume, PAUSE_MS));
        cancel.throwIfAborted();
      }
    }
  }

  private async turn(cancel: AbortSignal): Promise<void> {
    while (this.coming >= AT_ONCE) await new Promise<void>((resume) => this.waiting.push(resume));
    this.coming += 1;
    if (!cancel.aborted) return;
    this.coming -= 1;
    this.waiting.shift()?.();
    cancel.throwIfAborted();
  }

  private keep(sha256: string, url: string): string {
    this.kept.delete(sha256);
    this.kept.set(sha256, url);
    for (const [old, address] of this.kept) {
      if (this.kept.size <= KEPT) break;
      this.kept.delete(old);
      URL.revokeObjectURL(address);
    }
    return url;
  }
}

/** One of them while a component shows it: fetched when it comes, given up when it goes. */
export class Picture {
  url = $state('');
  isBroken = $state(false);

  constructor(wanted: () => [Pictures, string]) {
    $effect(() => {
      const cancel = new AbortController();
      const [pictures, sha256] = wanted();
      pictures
        .get(sha256, cancel.signal)
        .then((made) => !cancel.signal.aborted && (this.url = made))
        .catch(() => !cancel.signal.aborted && (this.isBroken = true));
      return () => {
        cancel.abort();
        this.url = '';
        this.isBroken = false;
      };
    });
  }
}
