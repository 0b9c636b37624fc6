// What the platform says by itself, in the language of the page: its reasons. The Korean is read once; until then, and
// where it cannot be read, it stands as it was written.
import { i18n } from '../i18n/i18n.svelte';
import { explain } from '../lib/api';
import type { Phrases } from '../wire/api';
import { inKorean, type Phrase } from '../lib/phrases';
import { session } from './session.svelte';

/** What could not be read is asked for again after this. */
const RETRY_MS = 30_000;

class Words {
  private korean = $state.raw<readonly Phrase[]>([]);
  private askAt = 0;

  said(text: string): string {
    if (i18n.language !== 'ko' || text === '') return text;
    this.begin();
    return inKorean(this.korean, text);
  }

  /** Before there is anything to say: an error may come of that nothing can be read. */
  begin(): void {
    if (i18n.language === 'ko' && this.korean.length === 0) void this.read();
  }

  private async read(): Promise<void> {
    const now = Date.now();
    if (now < this.askAt) return;
    this.askAt = now + RETRY_MS;
    try {
      this.korean = (await session.api.get<Phrases>('/v1/phrases')).phrases;
    } catch (error) {
      console.warn('no phrases in Korean', explain(error).message);
    }
  }
}

export const phrases = new Words();
