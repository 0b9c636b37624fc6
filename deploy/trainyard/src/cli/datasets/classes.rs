//! The table of a dataset's classes.

use trainyard_events::chat::Language;
use trainyard_events::dataset::{ClassProfile, DatasetProfile, SplitCounts};

use crate::cli::table;
use crate::language::pick;
use crate::out::line;

/// Classes shown on a screen.
const CLASSES: usize = 40;

/// Those beside class and training images.
#[derive(Clone, Copy)]
pub(super) struct Columns {
    pub(super) validation: bool,
    pub(super) test: bool,
    pub(super) objects: bool,
}

pub(super) fn print(profile: &DatasetProfile, language: Language) {
    let columns = Columns {
        validation: profile.split,
        test: profile.images.test > 0,
        objects: profile.boxes.is_some(),
    };
    table(&profile.classes, &profile.images, columns, language);
}

/// Images of each class by split, and last those of all: an image with several classes is one of them.
pub(super) fn table(classes: &[ClassProfile], all: &SplitCounts, columns: Columns, language: Language) {
    let row = |name: &str, images: &SplitCounts, objects: u64| {
        let cells = [
            (name.to_owned(), true),
            (images.train.to_string(), true),
            (images.validation.to_string(), columns.validation),
            (images.test.to_string(), columns.test),
            (objects.to_string(), columns.objects),
        ];
        cells.into_iter().filter(|(_, shown)| *shown).map(|(cell, _)| cell).collect::<Vec<String>>()
    };
    let titles = [
        (pick(language, "클래스", "class"), true),
        (pick(language, "학습 이미지", "train images"), true),
        (pick(language, "검증", "validation"), columns.validation),
        (pick(language, "테스트", "test"), columns.test),
        (pick(language, "객체", "objects"), columns.objects),
    ];
    let header: Vec<&str> = titles.iter().filter(|(_, shown)| *shown).map(|(title, _)| *title).collect();
    let mut rows: Vec<Vec<String>> =
        classes.iter().take(CLASSES).map(|class| row(&class.name, &class.images, class.objects)).collect();
    let objects = classes.iter().map(|class| class.objects).sum();
    rows.push(row(pick(language, "(전체)", "(all)"), all, objects));
    line("");
    table::print(&header, &rows);
    if let Some(more @ 1..) = classes.len().checked_sub(CLASSES) {
        line(pick(language, format!("그 밖에 클래스 {more}개"), format!("and {more} more classes")));
    }
}
