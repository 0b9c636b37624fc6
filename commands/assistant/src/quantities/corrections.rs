//! Values taken back: "100, no wait, 80", "배치 16은 좀 빡센데 8로".

use std::ops::Range;

use super::token::{Kind, Num, Token};
use crate::text::{Text, is_hangul};

/// How far from its correction a value may stand, in tokens.
const NEAR_TOKENS: usize = 6;

/// "에폭 100, 아니다 80으로" and "100 epochs, no wait, 80": the second value takes the place of the first.
///
/// Returns where the second ones stood, which have been read with that.
pub(super) fn correct(tokens: &mut Vec<Token>) -> Vec<Range<usize>> {
    let mut read = Vec::new();
    let mut index = 0;
    while index < tokens.len() {
        if tokens[index].kind != Kind::Correct {
            index += 1;
            continue;
        }
        let next = (index + 1..tokens.len())
            .take(NEAR_TOKENS)
            .find(|next| !matches!(tokens[*next].kind, Kind::Stop | Kind::Correct))
            .filter(|next| {
                let gap: usize = tokens[index + 1..=*next].iter().map(|token| token.gap).sum();
                // "fifty no sixty": the "no" takes the first back and does not deny the second.
                let undenied = match tokens[*next].kind {
                    Kind::Num(num) => Kind::Num(Num { denied: num.denied && gap > 0, ..num }),
                    kind => kind,
                };
                gap <= 2 && is_value(undenied)
            });
        let of_another = next.and_then(|next| tokens.get(next + 1)).is_some_and(|after| {
            after.gap == 0
                && matches!(after.kind, Kind::Key(..))
                && !is_key_of_next(tokens, index, after.kind)
        });
        let before = (0..index).rev().take(NEAR_TOKENS).find(|before| is_value(tokens[*before].kind));
        // "30 no 45 epochs": the name after the second is that of both where the first has none.
        let named = |at: usize| tokens.get(at).is_some_and(|token| matches!(token.kind, Kind::Key(..)));
        let of_another = of_another
            && before.is_some_and(|before| named(before + 1) || before.checked_sub(1).is_some_and(named));
        match (before, next) {
            (Some(before), Some(next)) if !of_another => {
                tokens[before].kind = in_place_of(tokens[before].kind, tokens[next].kind);
                read.push(tokens[next].range.clone());
                tokens.drain(index..=next);
                while index > before + 1 && tokens[index - 1].kind == Kind::Stop {
                    tokens.remove(index - 1);
                    index -= 1;
                }
            }
            _ => {
                tokens[index].kind = Kind::Stop;
                index += 1;
            }
        }
    }
    read
}

/// `배치 16은 좀 빡센데 8로`: a number as the topic of a remark gives way to the one that is led to.
pub(super) fn deny_topics(text: &Text, tokens: &mut [Token]) {
    for index in 0..tokens.len() {
        let Kind::Num(mut num) = tokens[index].kind else { continue };
        // `배치는 64 이미지는 256으로`: the name of the next value is no unit of this one.
        let own = |unit: &Token| {
            let next = tokens
                .get(index + 2)
                .filter(|next| next.gap == 0 && matches!(next.kind, Kind::Num(_) | Kind::Factor(_)));
            next.is_some_and(|next| text.skip_spaces(unit.range.end) == next.range.start)
        };
        let unit = tokens
            .get(index + 1)
            .filter(|unit| unit.gap == 0 && matches!(unit.kind, Kind::Key(..)) && !own(unit));
        let end = unit.map_or(tokens[index].range.end, |unit| unit.range.end);
        let topic =
            text.any_at(end, &["은", "는", "도", "이면", "면"]).is_some_and(|end| !is_hangul(text.at(end)))
                || matches!(text.before(end), '은' | '는');
        let next = (index + 1..tokens.len())
            .filter(|next| !matches!(tokens[*next].kind, Kind::Up | Kind::Down | Kind::Stop))
            .nth(usize::from(unit.is_some()));
        // `80은 많다 삼십 빼`, too.
        let shifts = |at: usize| {
            matches!(tokens[at].kind, Kind::Num(Num { denied: false, .. }))
                && matches!(tokens.get(at + 1), Some(Token { kind: Kind::Up | Kind::Down, gap: 0, .. }))
        };
        let led = next.is_some_and(|next| {
            matches!(tokens[next].kind, Kind::Num(Num { to: true, .. }) | Kind::Factor(_)) || shifts(next)
        });
        if topic && !num.to && led {
            num.denied = true;
            tokens[index].kind = Kind::Num(num);
        }
    }
}

fn is_value(kind: Kind) -> bool {
    matches!(kind, Kind::Num(Num { denied: false, .. }) | Kind::Factor(_))
}

/// Whether the name after a correction is the one that stood before it: "100 epochs, no, 80 epochs".
fn is_key_of_next(tokens: &[Token], correction: usize, key: Kind) -> bool {
    tokens[..correction].iter().rev().take(NEAR_TOKENS).any(|token| token.kind == key)
}

/// The second value, with what the first one's words said it counts.
fn in_place_of(first: Kind, second: Kind) -> Kind {
    match (first, second) {
        (Kind::Num(first), Kind::Num(second)) => Kind::Num(Num {
            denied: false,
            to: first.to || second.to,
            runs: first.runs || second.runs,
            pixels: first.pixels || second.pixels,
            each: first.each || second.each,
            ..second
        }),
        (_, second) => second,
    }
}
