//! A turn as somebody else would have typed it: without spaces, with a slip of the fingers, in the middle of other words. Which
//! of these is drawn from the words themselves, so that learning twice learns the same.

/// Said before what is wanted, and meaning nothing for it.
const BEFORE: [&str; 12] = [
    "음 ",
    "저기요 ",
    "아 그리고 ",
    "자 그럼 ",
    "안녕하세요 고생 많으십니다. ",
    "오늘 라인이 좀 바빴는데요, ",
    "um ",
    "hey, ",
    "ok so ",
    "right. ",
    "sorry to bother you again. ",
    "long day here, anyway, ",
];
/// Said after it.
const AFTER: [&str; 8] = [" 감사합니다", " ㅎㅎ", "~", " 부탁드려요", " thanks", " pls", " :)", "..."];
/// Letters that are typed for one another.
const SLIPS: [(char, char); 8] = [
    ('ㅐ', 'ㅔ'),
    ('ㅔ', 'ㅐ'),
    ('ㅗ', 'ㅓ'),
    ('ㅓ', 'ㅗ'),
    ('ㅕ', 'ㅛ'),
    ('ㅏ', 'ㅑ'),
    ('ㅡ', 'ㅜ'),
    ('ㅣ', 'ㅡ'),
];
const VOWELS: [char; 21] = [
    'ㅏ', 'ㅐ', 'ㅑ', 'ㅒ', 'ㅓ', 'ㅔ', 'ㅕ', 'ㅖ', 'ㅗ', 'ㅘ', 'ㅙ', 'ㅚ', 'ㅛ', 'ㅜ', 'ㅝ', 'ㅞ', 'ㅟ',
    'ㅠ', 'ㅡ', 'ㅢ', 'ㅣ',
];

pub struct Dice(u64);

impl Dice {
    pub fn of(text: &str) -> Dice {
        let seed = text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
        });
        Dice(seed | 1)
    }

    pub fn below(&mut self, count: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % count.max(1) as u64) as usize
    }
}

/// The turn, typed by another hand.
pub fn typed(text: &str) -> String {
    let mut dice = Dice::of(text);
    let mut typed = text.to_owned();
    for _ in 0..=dice.below(2) {
        typed = match dice.below(7) {
            0 => squeezed(&typed),
            1 => joined(&typed, &mut dice),
            2 => plain(&typed),
            3 => slipped(&typed, &mut dice),
            4 => BEFORE[dice.below(BEFORE.len())].to_owned() + &typed,
            5 => typed + AFTER[dice.below(AFTER.len())],
            _ => swapped(&typed, &mut dice),
        };
    }
    typed
}

fn is_hangul(c: char) -> bool {
    ('가'..='힣').contains(&c)
}

/// Without the spaces beside Hangul.
fn squeezed(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let korean = |at: Option<usize>| at.and_then(|at| chars.get(at)).is_some_and(|c| is_hangul(*c));
    let kept = |(at, c): &(usize, &char)| **c != ' ' || !korean(at.checked_sub(1)) || !korean(Some(at + 1));
    chars.iter().enumerate().filter(kept).map(|(_, c)| c).collect()
}

/// With one space too few.
fn joined(text: &str, dice: &mut Dice) -> String {
    let spaces: Vec<usize> = text.match_indices(' ').map(|(at, _)| at).collect();
    let Some(at) = spaces.get(dice.below(spaces.len())) else { return text.to_owned() };
    format!("{}{}", &text[..*at], &text[at + 1..])
}

/// As it is dictated, or typed in a hurry: without capitals and marks.
fn plain(text: &str) -> String {
    let low = text.to_lowercase();
    low.trim_end_matches(['.', '!', '?', '~']).replace(", ", " ").replace('\'', "")
}

/// With one vowel for another, or two letters the other way round.
fn slipped(text: &str, dice: &mut Dice) -> String {
    let mut chars: Vec<char> = text.chars().collect();
    let hangul: Vec<usize> = (0..chars.len()).filter(|at| is_hangul(chars[*at])).collect();
    if let Some(at) = hangul.get(dice.below(hangul.len())) {
        let code = chars[*at] as u32 - 0xAC00;
        let vowel = VOWELS[(code / 28 % 21) as usize];
        let other = SLIPS.iter().find(|(right, _)| *right == vowel).map(|(_, wrong)| *wrong);
        let place = other.and_then(|other| VOWELS.iter().position(|vowel| *vowel == other));
        if let Some(place) = place {
            let slip = 0xAC00 + code / 588 * 588 + place as u32 * 28 + code % 28;
            chars[*at] = char::from_u32(slip).unwrap_or(chars[*at]);
        }
    }
    chars.into_iter().collect()
}

fn swapped(text: &str, dice: &mut Dice) -> String {
    let mut chars: Vec<char> = text.chars().collect();
    let letter = |at: usize| chars.get(at).is_some_and(char::is_ascii_lowercase);
    let within: Vec<usize> = (1..chars.len().max(1))
        .filter(|at| letter(at - 1) && letter(*at) && letter(at + 1) && letter(at + 2))
        .collect();
    if let Some(at) = within.get(dice.below(within.len())) {
        chars.swap(*at, at + 1);
    }
    chars.into_iter().collect()
}
