//! The table of a dataset's classes.

use trainyard_events::chat::Language;
use trainyard_events::dataset::{ClassProfile, DatasetProfile};

use crate::cli::table;
use crate::language::pick;
use crate::out::line;

/// Classes shown on a screen.
const CLASSES: usize = 40;

pub(super) fn print(profile: &DatasetProfile, language: Language) {
    let (is_tested, detects) = (profile.images.test > 0, profile.boxes.is_some());
    let row = |class: &ClassProfile| {
        let images = &class.images;
        let mut cells = vec![class.name.clone(), images.train.to_string()];
        if profile.split {
            cells.push(images.validation.to_string());
        }
        if is_tested {
            cells.push(images.test.to_string());
        }
        if detects {
            cells.push(class.objects.to_string());
        }
        cells
    };
    let titles = [
        (pick(language, "클래스", "class"), true),
        (pick(language, "학습 이미지", "train images"), true),
        (pick(language, "검증", "validation"), profile.split),
        (pick(language, "테스트", "test"), is_tested),
        (pick(language, "객체", "objects"), detects),
    ];
    let header: Vec<&str> = titles.iter().filter(|(_, shown)| *shown).map(|(title, _)| *title).collect();
    line("");
    table::print(&header, &profile.classes.iter().take(CLASSES).map(row).collect::<Vec<_>>());
    if let Some(more @ 1..) = profile.classes.len().checked_sub(CLASSES) {
        line(pick(language, format!("그 밖에 클래스 {more}개"), format!("and {more} more classes")));
    }
}
