//! `trainyard datasets diff`: what is other in a version of a dataset than in another.

use anyhow::{Result, bail};
use trainyard_api::diff::{DatasetDiff, DiffClass, DiffImage, DiffImages, DiffQuery};
use trainyard_api::images::Split;
use trainyard_events::chat::Language;
use trainyard_events::dataset::SplitCounts;

use super::named;
use crate::cli::client::Client;
use crate::cli::{print_json, table};
use crate::language::pick;
use crate::out::line;

pub(super) async fn run(client: &Client, from: &str, to: &str, json: bool) -> Result<()> {
    let (old, before) = named::version(client, from).await?;
    let (new, after) = named::version(client, to).await?;
    if old.id != new.id {
        bail!(pick(
            client.language,
            "한 데이터셋의 두 버전만 비교할 수 있습니다. 예: trainyard datasets diff scratches@2 scratches@3",
            "two versions of one dataset are compared, such as: trainyard datasets diff scratches@2 scratches@3",
        ));
    }
    let query = DiffQuery { from: Some(before.number.to_string()), to: Some(after.number.to_string()) };
    let answer = client.find::<DatasetDiff>(&format!("/v1/datasets/{}/diff", new.id), &query).await?;
    if json {
        return print_json(&answer.json);
    }
    show(&new.path, &answer, client.language);
    Ok(())
}

fn show(name: &str, diff: &DatasetDiff, language: Language) {
    let (from, to) = (diff.from.number, diff.to.number);
    line(format_args!("{name}@{from} → {name}@{to}"));
    if diff.is_empty() {
        line(pick(language, "이미지와 라벨이 모두 같습니다", "the same images with the same labels"));
    }
    for (title, images) in kinds(diff, language).into_iter().filter(|(_, images)| images.count > 0) {
        lines(title, images, language).iter().for_each(line);
    }
    line("");
    let header = pick(
        language,
        ["이미지", "학습", "검증", "테스트", "모두"],
        ["images", "training", "validation", "test", "all"],
    );
    table::print(&header, &rows(diff, language));
}

fn kinds(diff: &DatasetDiff, language: Language) -> [(&'static str, &DiffImages); 6] {
    [
        (pick(language, "추가", "added"), &diff.added),
        (pick(language, "삭제", "removed"), &diff.removed),
        (pick(language, "분할 이동", "moved to another split"), &diff.moved),
        (pick(language, "라벨 변경", "labelled otherwise"), &diff.relabelled),
        (pick(language, "내용 변경", "of other content"), &diff.replaced),
        (pick(language, "이름 변경", "renamed"), &diff.renamed),
    ]
}

fn lines(title: &str, images: &DiffImages, language: Language) -> Vec<String> {
    let mut lines = vec![format!("{title}: {}", images.count)];
    lines.extend(images.first.iter().map(|image| format!("  {}", said(image, language))));
    let more = images.count - images.first.len() as u64;
    if more > 0 {
        lines.push(pick(language, format!("  그 밖에 {more}개"), format!("  and {more} more")));
    }
    lines
}

fn said(image: &DiffImage, language: Language) -> String {
    let name = match &image.before {
        Some(before) => format!("{before} → {}", image.name),
        None => image.name.clone(),
    };
    match image.splits {
        Some([from, to]) => format!("{name} ({} → {})", split(from, language), split(to, language)),
        None => name,
    }
}

fn split(split: Split, language: Language) -> &'static str {
    match split {
        Split::Train => pick(language, "학습", "training"),
        Split::Validation => pick(language, "검증", "validation"),
        Split::Test => pick(language, "테스트", "test"),
    }
}

/// All images, and then those of each class whose count is another.
fn rows(diff: &DatasetDiff, language: Language) -> Vec<Vec<String>> {
    let all = pick(language, "모두", "all").to_owned();
    let mut rows = vec![row(all, &diff.from.images, &diff.to.images)];
    let changed = diff.classes.iter().filter(|class| class.from != class.to);
    rows.extend(changed.map(|DiffClass { name, from, to }| row(name.clone(), from, to)));
    rows
}

fn row(name: String, from: &SplitCounts, to: &SplitCounts) -> Vec<String> {
    let counts = |of: fn(&SplitCounts) -> u64| change(of(from), of(to));
    vec![
        name,
        counts(|it| it.train),
        counts(|it| it.validation),
        counts(|it| it.test),
        counts(SplitCounts::total),
    ]
}

fn change(from: u64, to: u64) -> String {
    if from == to { to.to_string() } else { format!("{from} → {to}") }
}

#[cfg(test)]
mod tests {
    use trainyard_api::diff::between;
    use trainyard_data::manifest::{FORM, Header, Image, Label, Manifest, Split};
    use trainyard_events::config::Task;

    use super::*;

    fn image(name: &str, hash: &str, split: Split, class: usize) -> Image {
        let labels =
            vec![Label { bounds: Some([1.0, 2.0, 3.0, 4.5]), crowd: true, ..Label::of_class(class) }];
        Image { sha256: hash.repeat(64), name: name.into(), bytes: 9, width: 40, height: 20, split, labels }
    }

    fn lines_of(classes: &[&str], images: Vec<Image>) -> impl Iterator<Item = Result<Vec<u8>, ()>> {
        let header = Header {
            form: FORM,
            classes: classes.iter().map(|name| (*name).to_owned()).collect(),
            keypoints: None,
            mirrored: None,
            sample_bits: None,
            kinds: vec![Task::Detect],
            divided: false,
        };
        let mut text = Vec::new();
        Manifest { header, images }.write(&mut text).unwrap();
        let lines: Vec<_> = text.split(|byte| *byte == b'\n').map(|line| Ok(line.to_vec())).collect();
        let count = lines.len() - 1;
        lines.into_iter().take(count)
    }

    /// Of manifests as they are written, which a diff reads by itself.
    #[test]
    fn the_manifests_of_this_release_are_compared_and_told() {
        let from = lines_of(
            &["cat", "dog"],
            vec![image("1.jpg", "a", Split::Train, 0), image("2.jpg", "b", Split::Train, 1)],
        );
        let to = lines_of(
            &["dog", "cat"],
            vec![image("1.jpg", "a", Split::Test, 1), image("3.jpg", "c", Split::Train, 0)],
        );
        let diff = between((2, from), (3, to)).unwrap();
        let told = |language| {
            let kinds = kinds(&diff, language).into_iter().filter(|(_, images)| images.count > 0);
            kinds.flat_map(|(title, images)| lines(title, images, language)).collect::<Vec<_>>()
        };
        assert_eq!(
            told(Language::English),
            [
                "added: 1",
                "  3.jpg",
                "removed: 1",
                "  2.jpg",
                "moved to another split: 1",
                "  1.jpg (training → test)"
            ]
        );
        assert_eq!(told(Language::Korean)[4..], ["분할 이동: 1", "  1.jpg (학습 → 테스트)"]);
        let rows = rows(&diff, Language::English);
        assert_eq!(rows[0], ["all", "2 → 1", "0", "0 → 1", "2"]);
        assert_eq!(rows[1], ["cat", "1 → 0", "0", "0 → 1", "1"], "{rows:?}");
        assert_eq!(rows.len(), 2, "of dogs there are as many as before");
    }
}
