//! The histograms of a dataset as one block of small bars.

use trainyard_events::chat::Language;
use trainyard_events::dataset::{Histogram, Histograms, SplitCounts};

use crate::cli::table;
use crate::language::pick;

/// Eighths of a line, from the smallest count to the largest.
const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// Such as `width        256 ▁▁█▃ 1535 px`.
pub(super) fn lines(histograms: &Histograms, language: Language) -> Vec<String> {
    let Histograms { width, height, objects, object_size } = histograms;
    let rows = [
        (pick(language, "너비", "width"), Some(width), "px"),
        (pick(language, "높이", "height"), Some(height), "px"),
        (
            pick(language, "객체", "objects"),
            objects.as_ref(),
            pick(language, "개 (이미지 한 장)", "in an image"),
        ),
        (
            pick(language, "객체 크기", "their size"),
            object_size.as_ref(),
            pick(language, "% (이미지 한 변 대비)", "% of its side"),
        ),
    ];
    let drawn = |(name, histogram, unit): (&str, Option<&Histogram>, &str)| {
        let histogram = histogram.filter(|histogram| !histogram.counts.is_empty())?;
        let (first, end) = (histogram.edges.first()?, histogram.edges.last()?);
        let (name, bars) = (table::padded(name, 10), bars(&histogram.counts));
        Some(format!("{name} {first:>6} {bars} {} {unit}", end - 1))
    };
    rows.into_iter().filter_map(drawn).collect()
}

/// One character for each bin; an empty one is a gap, and a single image is seen.
fn bars(counts: &[SplitCounts]) -> String {
    let most = counts.iter().map(SplitCounts::total).max().unwrap_or(0).max(1);
    let bar = |counts: &SplitCounts| match counts.total() {
        0 => ' ',
        count => BARS[(count * BARS.len() as u64).div_ceil(most).clamp(1, 8) as usize - 1],
    };
    counts.iter().map(bar).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn histogram(edges: &[u32], counts: &[u64]) -> Histogram {
        let count = |train: &u64| SplitCounts { train: *train, validation: 0, test: 0 };
        Histogram { edges: edges.to_vec(), counts: counts.iter().map(count).collect() }
    }

    #[test]
    fn each_bin_is_a_bar_and_nothing_is_lost_beside_much() {
        let mut histograms = Histograms {
            width: histogram(&[256, 384, 512, 768], &[1, 0, 1_000_000]),
            height: histogram(&[64, 96], &[3]),
            objects: None,
            object_size: Some(histogram(&[5, 7, 10, 15], &[4, 8, 2])),
        };
        assert_eq!(
            lines(&histograms, Language::English),
            [
                "width         256 ▁ █ 767 px",
                "height         64 █ 95 px",
                "their size      5 ▄█▂ 14 % of its side"
            ]
        );
        histograms.width = histogram(&[0], &[]);
        assert_eq!(
            lines(&histograms, Language::Korean),
            ["높이           64 █ 95 px", "객체 크기       5 ▄█▂ 14 % (이미지 한 변 대비)"],
            "what is empty is no line"
        );
    }
}
