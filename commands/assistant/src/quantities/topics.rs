//! A number as the topic of a remark: "배치 16은 좀 빡센데 8로".

use super::token::{Kind, Num, Token};
use crate::text::{Text, is_hangul};

/// `배치 16은 좀 빡센데 8로`: a number as the topic of a remark gives way to the one that is led to.
pub(super) fn deny(text: &Text, tokens: &mut [Token]) {
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
