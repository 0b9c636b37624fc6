//! A change of what is told by its value alone: `60번은 적다. 두 배로`, "60 is too few, double it".

use super::around::Known;
use super::relative::{Change, Shift};
use super::token::{Kind, Token};
use crate::slots::Slot;

/// The change that the turn asks for where it names no setting beside it: of the only one that has the number which is said.
pub(super) fn change(tokens: &[Token], known: &Known) -> Option<Change> {
    if tokens.iter().any(|token| matches!(token.kind, Kind::Keep | Kind::Plateau | Kind::Divide)) {
        return None;
    }
    let mut factors = tokens.iter().filter_map(|token| match token.kind {
        Kind::Factor(factor) => Some(factor),
        _ => None,
    });
    let factor = factors.next().filter(|_| factors.next().is_none())?;
    let down = tokens.iter().any(|token| token.kind == Kind::Down);
    let factor = if down && factor > 1.0 { 1.0 / factor } else { factor };
    let named =
        |slot: Slot| tokens.iter().all(|token| !matches!(token.kind, Kind::Key(other, _) if other != slot));
    slot(tokens, known).filter(|slot| named(*slot)).map(|slot| Change::of(slot, Shift::Times(factor)))
}

fn slot(tokens: &[Token], known: &Known) -> Option<Slot> {
    let mut numbers = tokens.iter().filter_map(|token| match token.kind {
        Kind::Num(num) => Some(num.value),
        _ => None,
    });
    let number = numbers.next()?;
    let mut having = Slot::ALL.into_iter().filter(|slot| known.base.of(*slot) == Some(number));
    // Another number is for something else.
    having.next().filter(|_| having.next().is_none() && numbers.next().is_none())
}
