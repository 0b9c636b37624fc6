//! A job by its number as it is said: `십오 번 작업`, `팔번 결과`.

use crate::cues::Cues;
use crate::lexicon::jobs::DOINGS;
use crate::text::{JOB, Text, is_hangul};

const DIGITS: [char; 9] = ['일', '이', '삼', '사', '오', '육', '칠', '팔', '구'];

/// The job, masked out, in a turn that asks or orders what is asked and ordered of jobs.
pub(crate) fn take_spoken(text: &mut Text, cues: &Cues) -> Option<String> {
    if !cues.any(DOINGS) || cues.any(&["에폭", "에포크", "epoch*"]) {
        return None;
    }
    let (start, end, number) = (0..text.len()).find_map(|at| {
        if is_hangul(text.before(at)) {
            return None;
        }
        let (number, end) = number_at(text, at)?;
        let counter = text.skip_spaces(end);
        let counted = text.at(counter) == '번' && text.at(counter + 1) != '째' && counter - end <= 1;
        // `이번` and `이 번` are "this time".
        let this = number == 2 && end - at == 1;
        (counted && !this).then_some((at, counter + 1, number))
    })?;
    text.mask(start..end, JOB);
    Some(number.to_string())
}

/// A number below a thousand in Sino-Korean words, and where it ends.
fn number_at(text: &Text, at: usize) -> Option<(u64, usize)> {
    let (mut whole, mut digit, mut here) = (0, None, at);
    loop {
        let c = text.at(here);
        let unit = match c {
            '십' => 10,
            '백' => 100,
            _ => match DIGITS.iter().position(|known| *known == c) {
                Some(position) if digit.is_none() => {
                    digit = Some(position as u64 + 1);
                    here += 1;
                    continue;
                }
                _ => break,
            },
        };
        whole += digit.take().unwrap_or(1) * unit;
        here += 1;
    }
    let number = whole + digit.unwrap_or(0);
    (number > 0).then_some((number, here))
}
