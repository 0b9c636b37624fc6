// What the platform writes by itself, in Korean: its reasons stand in English in the log, for ever, and the gateway knows
// what each is in Korean. What is none of them stays as it was said. Pure.

/** What is written, with `{}` for what varies, and the Korean, with `{0}` where that goes. */
export type Phrase = readonly [english: string, korean: string];

/**
 * A sentence in Korean: line by line, and part by part where each part is known, since one that begins with what varies
 * would take the parts before it for that; else as a whole.
 */
export function inKorean(phrases: readonly Phrase[], said: string): string {
  return said
    .split('\n')
    .map((text) => line(phrases, text))
    .join('\n');
}

function line(phrases: readonly Phrase[], text: string): string {
  const parts = text.split('; ');
  const said = parts.map((part) => found(phrases, part));
  const whole = said.includes(null) ? found(phrases, text) : null;
  return whole ?? said.map((part, at) => part ?? parts[at]!).join('; ');
}

function found(phrases: readonly Phrase[], text: string): string | null {
  for (const [english, korean] of phrases) {
    const values = valuesOf(text, english);
    // A value may be one of the platform's too, as the cause of a failure is.
    if (values) return values.reduce((said, value, at) => filled(said, found(phrases, value) ?? value, at), korean);
  }
  return null;
}

/** What stands where `english` varies; null if `text` is not said so. */
function valuesOf(text: string, english: string): string[] | null {
  const [first = '', ...pieces] = english.split('{}');
  if (!text.startsWith(first)) return null;
  const values: string[] = [];
  let rest = text.slice(first.length);
  for (const [index, piece] of pieces.entries()) {
    const isLast = index === pieces.length - 1;
    // The last piece ends the text; an empty one takes all of it.
    const at = isLast ? (rest.endsWith(piece) ? rest.length - piece.length : -1) : rest.indexOf(piece);
    if (at < 0) return null;
    values.push(rest.slice(0, at));
    rest = rest.slice(at + piece.length);
  }
  return rest === '' ? values : null;
}

/** `text` with a value in its place, and behind it the form of the particle that it asks for. */
function filled(text: string, value: string, place: number): string {
  const hole = `{${place}}`;
  const undecided = ['은(는)', '이(가)', '을(를)', '(으)로'];
  const decided = undecided.reduce(
    (said, both) => said.replaceAll(hole + both, () => value + particle(value, both)),
    text,
  );
  return decided.replaceAll(hole, () => value);
}

const [VOWEL, RIEUL] = [0, 8];
/** The final consonants of 영 일 이 삼 사 오 육 칠 팔 구: none, ㄹ, or another. */
const DIGITS = [1, RIEUL, VOWEL, 1, VOWEL, VOWEL, 1, RIEUL, RIEUL, VOWEL];

/** Both forms where nobody knows how the word is read aloud. */
function particle(word: string, both: string): string {
  const last = word.replace(/[^%\p{L}\p{N}]+$/u, '').at(-1) ?? '';
  const isHangul = last >= '가' && last <= '힣';
  const final = isHangul ? (last.charCodeAt(0) - 0xac00) % 28 : last === '%' ? VOWEL : DIGITS[Number(last || NaN)];
  if (final === undefined) return both;
  if (both === '(으)로') return final === VOWEL || final === RIEUL ? '로' : '으로';
  return final === VOWEL ? both[2]! : both[0]!;
}
