// The language of the interface: the browser's first, until somebody chooses. Each is read when it is first needed.
import { duration } from '../lib/format';
import { why } from '../lib/reasons';
import type { Reason, Task } from '../wire/rows';
import type { Messages } from './en';

export type LanguageCode = 'ko' | 'en';
const KEY = 'trainyard.language';

function first(): LanguageCode {
  const chosen = localStorage.getItem(KEY);
  if (chosen === 'ko' || chosen === 'en') return chosen;
  return navigator.languages.map((tag) => tag.slice(0, 2)).find((tag) => tag === 'ko' || tag === 'en') === 'ko'
    ? 'ko'
    : 'en';
}

/** Made once for each language: making one takes longer than using it a thousand times. */
const made = new Map<string, Intl.DateTimeFormat>();
function format(language: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = language + JSON.stringify(options);
  let found = made.get(key);
  if (!found) made.set(key, (found = new Intl.DateTimeFormat(language, options)));
  return found;
}
const TIME = { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' } as const;
const DAY = { month: 'short', day: 'numeric' } as const;

const READ: Record<LanguageCode, () => Promise<Messages>> = {
  en: () => import('./en').then(({ en }) => en),
  ko: () => import('./ko').then(({ ko }) => ko),
};

class I18n {
  language = $state<LanguageCode>(first());
  private here = $state.raw<Partial<Record<LanguageCode, Messages>>>({});
  private coming = new Map<LanguageCode, Promise<void>>();

  /** Before anything is drawn, for the language of the page. */
  read(language: LanguageCode = this.language): Promise<void> {
    let coming = this.coming.get(language);
    if (!coming) {
      coming = READ[language]().then((messages) => {
        this.here = { ...this.here, [language]: messages };
      });
      // What did not come is asked for again.
      coming.catch(() => this.coming.delete(language));
      this.coming.set(language, coming);
    }
    return coming;
  }

  get m(): Messages {
    return this.here[this.language]!;
  }

  /** The messages of a language that is not the page's own, such as that of a conversation; until they are here, the page's. */
  of(language: LanguageCode): Messages {
    const messages = this.here[language];
    if (!messages) this.read(language).catch((error: unknown) => console.warn(`no words of ${language}`, error));
    return messages ?? this.m;
  }

  choose(language: LanguageCode): void {
    const take = () => {
      this.language = language;
      localStorage.setItem(KEY, language);
    };
    if (this.here[language]) take();
    else this.read(language).then(take, (error: unknown) => console.warn(`no words of ${language}`, error));
  }

  /** How long, such as `3 m 20 s` or `3분 20초`. */
  duration(milliseconds: number): string {
    return duration(milliseconds, this.m.timeUnits);
  }

  tasks(kinds: readonly Task[]): string {
    return kinds.map((kind) => this.m.task[kind]).join(', ');
  }

  /** What an event is called; one of a newer release by its kind. */
  kind(kind: string): string {
    return this.m.kind(kind);
  }

  /** What is measured, as people call it; a trainer may measure what has no other name than its own. */
  measure(name: string): string {
    const [, of] = /^test_(.+)$/.exec(name) ?? [];
    return of ? `${this.measure(of)} (${this.m.datasets.split['test']})` : (this.m.measure[name] ?? name);
  }

  /** Why something is so; `beside` is the same in English, as the log has it. */
  why(reasons: readonly Reason[] | undefined, beside: string): string {
    return why(reasons, beside, this.language);
  }

  /** The time of day; with the date if it is not today. */
  time(at: string, now: number): string {
    const date = new Date(at);
    const time = format(this.language, TIME).format(date);
    const today = new Date(now);
    if (today.toDateString() === date.toDateString()) return time;
    const day = format(this.language, today.getFullYear() === date.getFullYear() ? DAY : { ...DAY, year: 'numeric' });
    return `${day.format(date)} ${time}`;
  }
}

export const i18n = new I18n();
