// Reasons in the language of the page. The Korean ones are read when the first is shown; until then, and where they cannot
// be read, they stand as they were written.
import { i18n } from '../i18n/i18n.svelte';
import { explain } from '../lib/api';
import { inKorean, type Phrase } from '../lib/phrases';
import { session } from './session.svelte';

/** What could not be read is asked for again after this. */
const RETRY_MS = 30_000;

class Phrases {
  private korean = $state.raw<readonly Phrase[]>([]);
  private askAt = 0;

  said(reason: string): string {
    if (i18n.language !== 'ko' || reason === '') return reason;
    if (this.korean.length === 0) void this.read();
    return inKorean(this.korean, reason);
  }

  private async read(): Promise<void> {
    const now = Date.now();
    if (now < this.askAt) return;
    this.askAt = now + RETRY_MS;
    try {
      this.korean = (await session.api.get<{ phrases: Phrase[] }>('/v1/phrases')).phrases;
    } catch (error) {
      console.warn('no reasons in Korean', explain(error).message);
    }
  }
}

export const phrases = new Phrases();
