//! Numbers that are worked out where they are said: `2048의 절반`, "half of 1024", `20→45`.

use super::relative::Base;
use super::token::{Kind, Num, Token};
use crate::slots::Slot;
use crate::text::Text;

/// What stands between a value and the one that takes its place.
const ARROWS: &[&str] = &["→", "->", "=>", "⇒", "~>"];

/// `20→45`: the first of the two is what was.
pub(super) fn follow_arrows(text: &Text, tokens: &mut [Token]) {
    for index in 1..tokens.len() {
        let from = text.skip_spaces(tokens[index - 1].range.end);
        let leads =
            text.any_at(from, ARROWS).is_some_and(|end| text.skip_spaces(end) == tokens[index].range.start);
        if let (Kind::Num(was), Kind::Num(now), true) = (tokens[index - 1].kind, tokens[index].kind, leads) {
            tokens[index - 1].kind = Kind::Num(Num { denied: true, ..was });
            tokens[index].kind = Kind::Num(Num { to: true, ..now });
            tokens[index].gap = 0;
        }
    }
}

/// A part of a number that is said is that number: `2048의 절반` is 1024. Where no setting is named beside it, it is the one
/// that has the whole number now.
pub(super) fn work_out(text: &Text, tokens: &mut Vec<Token>, base: &Base) {
    let mut index = 0;
    while index + 1 < tokens.len() {
        let (first, second) = (&tokens[index], &tokens[index + 1]);
        let of_it = text.any_at(text.skip_spaces(first.range.end), &["의", "을", "를"]).is_some()
            && text.skip_spaces(text.skip_spaces(first.range.end) + 1) == second.range.start;
        let is_of = text.low[first.range.clone()].ends_with(&['o', 'f']) && second.gap == 0;
        let parted = match (first.kind, second.kind) {
            (Kind::Num(num), Kind::Factor(factor)) if of_it && !num.denied => Some((num, factor)),
            (Kind::Factor(factor), Kind::Num(num)) if is_of && !num.denied => Some((num, factor)),
            _ => None,
        };
        if let Some((num, factor)) = parted.filter(|(num, _)| !num.times && !num.percent) {
            let range = first.range.start..second.range.end;
            let kind = Kind::Num(Num { value: num.value * factor, to: true, ..num });
            let named = tokens.iter().any(|token| matches!(token.kind, Kind::Key(..)));
            let gap = tokens[index].gap;
            tokens.splice(index..=index + 1, [Token { kind, range: range.clone(), gap }]);
            let mut having = Slot::ALL.into_iter().filter(|slot| base.of(*slot) == Some(num.value));
            if let (false, Some(slot), None) = (named, having.next(), having.next()) {
                let key = Token { kind: Kind::Key(slot, true), range: range.start..range.start, gap: 0 };
                tokens.insert(index, key);
            }
        }
        index += 1;
    }
}
