//! Numbers and amounts of money as they are written, alike in both languages.

use trainyard_events::price::MILLIONTHS;

/// Currencies without a smaller coin.
const WHOLE: [&str; 3] = ["KRW", "JPY", "VND"];

/// `1797` as `1,797`.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `12,340 KRW`, `3.50 USD`.
pub fn money(millionths: u64, currency: &str) -> String {
    let amount = match WHOLE.contains(&currency) {
        true => grouped((millionths + MILLIONTHS / 2) / MILLIONTHS),
        false => {
            let cents = (millionths + 5_000) / 10_000;
            format!("{}.{:02}", grouped(cents / 100), cents % 100)
        }
    };
    format!("{amount} {currency}").trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_is_as_exact_as_its_coins() {
        assert_eq!(money(1_234_567_500_000, "KRW"), "1,234,568 KRW");
        assert_eq!(money(999_999, "KRW"), "1 KRW");
        assert_eq!(money(3_504_999, "USD"), "3.50 USD");
        assert_eq!(money(0, ""), "0.00");
    }
}
