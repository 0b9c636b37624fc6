// Why something is so, in the language of the page: the gateway says each reason in both. Pure.
import type { Reason } from '../wire/rows';

const BETWEEN = '; ';

/**
 * `beside` is the whole in English, as the log has it. What the page has folded by itself of an event has no sentence
 * until the row is read again; where no reason has one, as of a newer release, the English stands.
 */
export function why(reasons: readonly Reason[] | undefined, beside: string, language: 'ko' | 'en'): string {
  const said = reasons?.map((reason) => reason[language]).filter((sentence) => sentence !== undefined) ?? [];
  return language === 'en' || said.length === 0 ? beside : said.join(BETWEEN);
}
