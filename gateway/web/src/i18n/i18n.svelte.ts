// The language of the interface: the browser's first, until somebody chooses.
import { duration } from '../lib/format';
import { why } from '../lib/reasons';
import type { Reason, Task } from '../wire/rows';
import { en, type Messages } from './en';
import { KINDS_KO } from './kinds';
import { ko } from './ko';

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

class I18n {
  language = $state<LanguageCode>(first());

  get m(): Messages {
    return this.of(this.language);
  }

  /** The messages of a language that is not the page's own, such as that of a conversation. */
  of(language: LanguageCode): Messages {
    return language === 'ko' ? ko : en;
  }

  choose(language: LanguageCode): void {
    this.language = language;
    localStorage.setItem(KEY, language);
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
    return this.language === 'ko' ? ((KINDS_KO as Record<string, string>)[kind] ?? kind) : kind;
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
