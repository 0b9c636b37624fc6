//! `trainyard datasets show NAME@N`: what is in one version, counted from its own images.

use std::collections::BTreeSet;

use anyhow::Result;
use serde_json::json;
use trainyard_api::images::{ImageList, ImageRow, Split};
use trainyard_events::chat::Language;
use trainyard_events::dataset::{ClassProfile, DatasetVersion, SplitCounts};
use trainyard_views::DatasetRow;

use super::classes::{self, Columns};
use super::files;
use crate::cli::client::Client;
use crate::cli::print_json;
use crate::language::pick;
use crate::out::line;

/// Images that are asked for at once.
const PAGE: usize = 200;

/// Images by split, and images and objects of each class in the order in which they appear.
#[derive(Default)]
struct Counted {
    images: SplitCounts,
    classes: Vec<ClassProfile>,
    has_objects: bool,
}

pub(super) async fn run(
    client: &Client,
    row: &DatasetRow,
    version: &DatasetVersion,
    json: bool,
) -> Result<()> {
    let counted = count(client, row, version).await?;
    if json {
        return print_json(&json!({
            "version": version, "images": counted.images, "classes": counted.classes,
        }));
    }
    print(&row.path, version, &counted, client.language);
    Ok(())
}

async fn count(client: &Client, row: &DatasetRow, version: &DatasetVersion) -> Result<Counted> {
    let at = format!("/v1/datasets/{}/versions/{}/images", row.id, version.number);
    let (mut counted, mut after) = (Counted::default(), None::<String>);
    loop {
        let from = after.map(|name| format!("&after={}", encoded(&name))).unwrap_or_default();
        let page = client.get::<ImageList>(&format!("{at}?limit={PAGE}{from}")).await?;
        page.images.iter().for_each(|image| counted.take(image));
        after = page.next.clone();
        if after.is_none() {
            return Ok(counted);
        }
    }
}

impl Counted {
    fn take(&mut self, image: &ImageRow) {
        *of(&mut self.images, image.split) += 1;
        let mut seen = BTreeSet::new();
        for label in image.labels.iter().filter(|label| !label.crowd) {
            self.has_objects |= label.bounds.is_some() || label.polygon.is_some() || label.mask;
            let at = self.class(&label.class);
            self.classes[at].objects += 1;
            seen.insert(at);
        }
        seen.into_iter().for_each(|at| *of(&mut self.classes[at].images, image.split) += 1);
    }

    fn class(&mut self, name: &str) -> usize {
        let known = self.classes.iter().position(|class| class.name == name);
        known.unwrap_or_else(|| {
            let images = SplitCounts::default();
            self.classes.push(ClassProfile { name: name.to_owned(), images, objects: 0 });
            self.classes.len() - 1
        })
    }
}

fn of(counts: &mut SplitCounts, split: Split) -> &mut u64 {
    match split {
        Split::Train => &mut counts.train,
        Split::Validation => &mut counts.validation,
        Split::Test => &mut counts.test,
    }
}

/// As a value of a query.
fn encoded(text: &str) -> String {
    let sound = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'/');
    text.bytes()
        .map(|byte| if sound(&byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}

fn print(path: &str, version: &DatasetVersion, counted: &Counted, language: Language) {
    let (number, total) = (version.number, counted.images.total());
    line(pick(
        language,
        format!("{path}@{number}: 이미지 {total}장"),
        format!("{path}@{number}: {}", files::counted(total, "image")),
    ));
    let columns = Columns {
        validation: counted.images.validation > 0,
        test: counted.images.test > 0,
        objects: counted.has_objects,
    };
    classes::table(&counted.classes, &counted.images, columns, language);
}

#[cfg(test)]
mod tests {
    use trainyard_api::images::ImageLabel;

    use super::*;

    fn image(split: Split, classes: &[&str]) -> ImageRow {
        let label = |class: &&str| ImageLabel {
            class: (*class).to_owned(),
            bounds: Some([0.0, 0.0, 1.0, 1.0]),
            polygon: None,
            mask: false,
            runs: None,
            keypoints: None,
            crowd: class.starts_with("many"),
            difficult: false,
        };
        ImageRow {
            name: "a".into(),
            sha256: "0".repeat(64),
            bytes: 1,
            width: 1,
            height: 1,
            split,
            labels: classes.iter().map(label).collect(),
            more_labels: 0,
            problems: Vec::new(),
        }
    }

    #[test]
    fn classes_are_counted_by_split_as_a_look_counts_them() {
        let mut counted = Counted::default();
        let images = [
            image(Split::Train, &["cat", "cat", "dog"]),
            image(Split::Test, &["cat", "many dogs"]),
            image(Split::Validation, &[]),
        ];
        images.iter().for_each(|image| counted.take(image));
        assert_eq!(counted.images, SplitCounts { train: 1, validation: 1, test: 1 });
        let class = |name: &str, train, test, objects| ClassProfile {
            name: name.to_owned(),
            images: SplitCounts { train, validation: 0, test },
            objects,
        };
        assert_eq!(counted.classes, [class("cat", 1, 1, 3), class("dog", 1, 0, 1)]);
    }

    #[test]
    fn a_name_stays_one_value_of_a_query() {
        assert_eq!(encoded("a b/ü&c=#?+%.jpg"), "a%20b/%C3%BC%26c%3D%23%3F%2B%25.jpg");
    }
}
