//! Tables for people: columns as wide as their widest cell, Hangul counted as it is drawn.

use std::borrow::Cow;

use crate::out::{cell, line};
use unicode_width::UnicodeWidthStr;

/// Prints a header and rows, two spaces between columns.
pub(crate) fn print(header: &[&str], rows: &[Vec<String>]) {
    for row in lines(header, rows) {
        line(row);
    }
}

/// `text` with spaces behind it up to `columns` of a terminal.
pub(crate) fn padded(text: &str, columns: usize) -> String {
    format!("{text}{}", " ".repeat(columns.saturating_sub(text.width())))
}

fn lines(header: &[&str], rows: &[Vec<String>]) -> Vec<String> {
    let rows: Vec<Vec<Cow<'_, str>>> =
        rows.iter().map(|row| row.iter().map(|text| cell(text)).collect()).collect();
    let mut widths: Vec<usize> = header.iter().map(|cell| cell.width()).collect();
    for row in &rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.width());
        }
    }
    let drawn = |cells: Vec<&str>| {
        let cells = cells.iter().zip(&widths).map(|(cell, width)| padded(cell, *width));
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    let mut printed = vec![drawn(header.to_vec())];
    printed.extend(rows.iter().map(|row| drawn(row.iter().map(Cow::as_ref).collect())));
    printed
}

#[cfg(test)]
mod tests {
    use super::lines;

    #[test]
    fn hangul_takes_two_columns() {
        let rows = [vec!["고양이".to_owned(), "1".to_owned()], vec!["dog".to_owned(), "22".to_owned()]];
        assert_eq!(lines(&["class", "n"], &rows), ["class   n", "고양이  1", "dog     22"]);
    }

    #[test]
    fn a_name_makes_no_row_of_its_own() {
        let rows = [vec!["a\n\tb".to_owned(), "1".to_owned()], vec!["\u{1b}[2J".to_owned(), "2".to_owned()]];
        assert_eq!(lines(&["name", "n"], &rows), ["name       n", r"a\n\tb     1", r"\u{1b}[2J  2"]);
    }
}
