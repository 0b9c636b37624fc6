// The language of the interface: the browser's first, until somebody chooses.
import { en, type Messages } from './en';
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

class I18n {
  language = $state<LanguageCode>(first());

  get m(): Messages {
    return this.language === 'ko' ? ko : en;
  }

  choose(language: LanguageCode): void {
    this.language = language;
    localStorage.setItem(KEY, language);
  }

  /** The time of day; with the date if it is not today. */
  time(at: string, now: number): string {
    const date = new Date(at);
    const time = date.toLocaleTimeString(this.language, {
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
      hour12: false,
    });
    if (new Date(now).toDateString() === date.toDateString()) return time;
    return `${date.toLocaleDateString(this.language, { month: 'short', day: 'numeric' })} ${time}`;
  }
}

export const i18n = new I18n();
