//! A name takes the number after it, a number the name after it: within one clause.

use std::ops::Range;

use super::token::{Kind, Num, Token};
use super::{set, unusable};
use crate::negation::last_word;
use crate::slots::{Slot, Slots};
use crate::text::Text;

/// Words between a slot's name and its number.
const GAP_WORDS: usize = 3;

/// "stop after 5 epochs without improvement".
pub(super) fn plateau(tokens: &[Token], clause: Range<usize>, used: &mut [bool], slots: &mut Slots) {
    let Some(here) = clause.clone().find(|index| tokens[*index].kind == Kind::Plateau) else { return };
    let nearest = clause
        .clone()
        .filter(|index| matches!(tokens[*index].kind, Kind::Num(num) if !num.denied && !num.other))
        .min_by_key(|index| index.abs_diff(here));
    let Some(index) = nearest else { return };
    let Kind::Num(num) = tokens[index].kind else { return };
    set(slots, Slot::Patience, num.value, None);
    used[here] = true;
    used[index] = true;
    if clause.contains(&(index + 1)) && matches!(tokens[index + 1].kind, Kind::Key(Slot::Epochs, _)) {
        used[index + 1] = true;
    }
}

/// Left to right: a name takes the number after it, a number the name after it.
pub(super) fn absolute(
    text: &Text,
    tokens: &[Token],
    clause: Range<usize>,
    used: &mut [bool],
    slots: &mut Slots,
) {
    let mut index = clause.start;
    while index < clause.end {
        let here = index;
        index += 1;
        if used[here] {
            continue;
        }
        match tokens[here].kind {
            Kind::Key(slot, _) => {
                if let Some(taken) = number_for(tokens, here, clause.end, used) {
                    let Kind::Num(num) = tokens[taken].kind else { continue };
                    set(slots, slot, num.value, Some(text.said(tokens[taken].range.clone())));
                    used[here..=taken].fill(true);
                    index = taken + 1;
                    if unit_of(tokens, slot, index, clause.end) {
                        used[index] = true;
                        index += 1;
                    }
                } else {
                    unusable(text, &tokens[here], slot, slots);
                }
            }
            Kind::Num(num) if !num.denied && !num.times => {
                let passed = |kind| {
                    matches!(kind, Kind::Up | Kind::Down)
                        || matches!(kind, Kind::Key(slot, false) if slot != Slot::Epochs)
                };
                let next = (here + 1..clause.end).find(|next| !passed(tokens[*next].kind));
                if let Some(size) =
                    tokens[..clause.end].get(here + 1).filter(|size| sizes(text, size) && !num.other)
                {
                    let alone = next.is_none_or(|next| {
                        tokens[next].gap > 1
                            || matches!(tokens.get(next + 1), Some(Token { kind: Kind::Num(_), .. }))
                    });
                    if alone && size.gap == 0 && num.value >= 8.0 {
                        set(slots, Slot::ImageSize, num.value, None);
                        used[here] = true;
                        used[here + 1] = true;
                        continue;
                    }
                }
                let near = |next: &usize| {
                    tokens[*next].gap <= 1 || tokens[*next].gap == 2 && leads(text, &tokens[*next])
                };
                let Some(next) = next.filter(near) else { continue };
                // `한 배치에 48장`: one batch, and what it holds.
                let each = num.value == 1.0
                    && matches!(tokens[next].kind, Kind::Key(Slot::BatchSize, _))
                    && matches!(tokens[..clause.end].get(next + 1), Some(Token { kind: Kind::Num(_), .. }));
                if each {
                    continue;
                }
                let Kind::Key(slot, strong) = tokens[next].kind else { continue };
                // `640 bs16`: the name has its own number.
                let own = tokens[..clause.end].get(next + 1).is_some_and(|own| {
                    matches!(own.kind, Kind::Num(_)) && own.range.start == tokens[next].range.end
                });
                if own && tokens[here].range.end < tokens[next].range.start {
                    continue;
                }
                let numbered =
                    number_for(tokens, next, clause.end, used).is_some_and(|taken| tokens[taken].gap == 0);
                let glued = tokens[next].range.start - tokens[here].range.end <= 1;
                if !(strong || slot == Slot::Epochs && tokens[next].gap == 0)
                    || (num.other && slot != Slot::BatchSize)
                    || (numbered && !glued)
                    || num.pixels && slot != Slot::ImageSize
                {
                    continue;
                }
                set(slots, slot, num.value, Some(text.said(tokens[here].range.clone())));
                used[here..=next].fill(true);
                index = next + 1;
            }
            _ => {}
        }
    }
}

/// "42 for the seed", "16 as the batch size".
fn leads(text: &Text, key: &Token) -> bool {
    let Some(article) = last_word(text, key.range.start) else { return false };
    let said = |word: Range<usize>| text.low[word].iter().collect::<String>();
    let link = last_word(text, article.start).map(said);
    matches!(said(article).as_str(), "the" | "my" | "our") && matches!(link.as_deref(), Some("for" | "as"))
}

/// `416 사이즈`: the bare word for size, after a number.
fn sizes(text: &Text, token: &Token) -> bool {
    matches!(token.kind, Kind::Key(Slot::ImageSize, false))
        && text.any_at(token.range.start, &["사이즈", "크기", "size"]).is_some()
}

/// A clause that names one slot and has one number left, however far apart.
pub(super) fn lone(tokens: &[Token], clause: Range<usize>, used: &mut [bool], slots: &mut Slots) {
    let free = || clause.clone().filter(|index| !used[*index]);
    let keys: Vec<usize> = free().filter(|index| matches!(tokens[*index].kind, Kind::Key(_, true))).collect();
    let plain = |num: Num| !num.denied && !num.other && !num.times && !num.percent && num.to;
    let nums: Vec<usize> =
        free().filter(|index| matches!(tokens[*index].kind, Kind::Num(num) if plain(num))).collect();
    if let ([key], [num]) = (keys.as_slice(), nums.as_slice())
        && let (Kind::Key(slot, _), Kind::Num(value)) = (tokens[*key].kind, tokens[*num].kind)
    {
        set(slots, slot, value.value, None);
        used[*key] = true;
        used[*num] = true;
    }
}

/// "patience 10 epochs": the name after the number is only its unit.
fn unit_of(tokens: &[Token], slot: Slot, next: usize, end: usize) -> bool {
    next < end
        && tokens[next].gap == 0
        && matches!((slot, tokens[next].kind), (Slot::Patience | Slot::Epochs, Kind::Key(Slot::Epochs, _)))
        && !matches!(tokens.get(next + 1), Some(Token { kind: Kind::Num(_), gap: 0, .. }))
}

/// The number that belongs to the name at `key`.
fn number_for(tokens: &[Token], key: usize, end: usize, used: &[bool]) -> Option<usize> {
    let Kind::Key(slot, mut strong) = tokens[key].kind else { return None };
    let mut gap = 0;
    for index in key + 1..end {
        gap += tokens[index].gap;
        match tokens[index].kind {
            // "이미지 224 말고 160": the denied number has shown what the name means.
            Kind::Num(num) if num.denied => strong |= num.value >= 8.0,
            Kind::Num(num) => {
                let fits = !used[index]
                    && (!num.other || slot == Slot::BatchSize)
                    && gap <= if strong { GAP_WORDS } else { 0 }
                    && (strong || num.value >= 8.0);
                let of_another = gap > 0
                    && slot != Slot::Patience
                    && matches!(tokens.get(index + 1), Some(Token { kind: Kind::Key(_, true), gap: 0, .. }))
                    && index + 1 < end
                    && !matches!(tokens.get(index + 2), Some(Token { kind: Kind::Num(_), gap: 0, .. }));
                return (fits && !of_another).then_some(index);
            }
            Kind::Key(_, false) => {}
            Kind::Key(..) if matches!(tokens[index - 1].kind, Kind::Num(num) if num.denied) => {}
            Kind::Key(..) => return None,
            _ => {}
        }
    }
    None
}
