//! Tables for people: columns as wide as their widest cell, Hangul counted as it is drawn.

use crate::cli::out::line;
use unicode_width::UnicodeWidthStr;

/// Prints a header and rows, two spaces between columns.
pub(crate) fn print(header: &[&str], rows: &[Vec<String>]) {
    for row in lines(header, rows) {
        line(row);
    }
}

fn lines(header: &[&str], rows: &[Vec<String>]) -> Vec<String> {
    let mut widths: Vec<usize> = header.iter().map(|cell| cell.width()).collect();
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.width());
        }
    }
    let drawn = |cells: Vec<&str>| {
        let padded = cells.iter().zip(&widths).map(|(cell, width)| {
            let missing = width.saturating_sub(cell.width());
            format!("{cell}{}", " ".repeat(missing))
        });
        padded.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    let mut printed = vec![drawn(header.to_vec())];
    printed.extend(rows.iter().map(|row| drawn(row.iter().map(String::as_str).collect())));
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
}
