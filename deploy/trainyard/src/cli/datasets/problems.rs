//! `trainyard datasets show NAME --problems`: every file that something is wrong with, by what it is.

use anyhow::Result;
use serde_json::json;
use trainyard_api::images::{ProblemList, ProblemsFrom};
use trainyard_events::chat::Language;
use trainyard_events::dataset::DatasetVersion;
use trainyard_events::problems::{ImageProblem, ProblemKind};
use trainyard_views::DatasetRow;

use super::files::counted;
use crate::cli::client::Client;
use crate::cli::print_json;
use crate::language::{pick, said_or};
use crate::out::line;

pub(super) async fn run(
    client: &Client,
    row: &DatasetRow,
    version: &DatasetVersion,
    json: bool,
) -> Result<()> {
    let at = format!("/v1/datasets/{}/versions/{}/problems", row.id, version.number);
    let list = client.get::<ProblemList>(&at).await?;
    if json {
        let ProblemList { from, counts, problems } = &*list;
        let (manifest, number) = (&version.manifest.sha256, problems.len());
        let told = json!({
            "manifest": manifest, "from": from, "counts": counts, "listed": number, "problems": problems,
        });
        return print_json(&told);
    }
    lines(&list, client.language).iter().for_each(line);
    Ok(())
}

fn lines(ProblemList { from, counts, problems }: &ProblemList, language: Language) -> Vec<String> {
    let mut lines = Vec::new();
    if counts.is_empty() {
        let (korean, english) = match from {
            ProblemsFrom::Look => ("문제가 없습니다", "nothing is wrong with any file"),
            ProblemsFrom::Manifest => ("같은 이미지가 두 번 들어 있지는 않습니다", "no image is there twice"),
        };
        lines.push(pick(language, korean, english).to_owned());
    }
    for count in counts {
        let files = pick(language, format!("{}개", count.files), counted(count.files, "file"));
        lines.push(format!("{}: {files}", name(count.kind, language)));
        for ImageProblem { file, .. } in problems.iter().filter(|problem| problem.kind == count.kind) {
            lines.push(format!("  {}: {}", file.path, said_or(&file.flaws, &file.problem, language)));
        }
    }
    let (found, listed): (u64, _) = (counts.iter().map(|count| count.files).sum(), problems.len() as u64);
    if found > listed {
        lines.push(pick(
            language,
            format!("{found}개 가운데 {listed}개만 목록에 있습니다"),
            format!("only {listed} of {found} are listed"),
        ));
    }
    if *from == ProblemsFrom::Manifest {
        lines.push(pick(
            language,
            "이 버전의 문제 목록은 남아 있지 않아, 라벨 목록으로 알 수 있는 것만 보입니다. 제외한 파일, 잘린 라벨, 비슷한 이미지는 알 수 없습니다",
            "no list was kept of this version: this is what its manifest tells. Files left out, labels cut and what looks alike are not known",
        ).to_owned());
    }
    lines
}

fn name(kind: ProblemKind, language: Language) -> &'static str {
    let (korean, english) = match kind {
        ProblemKind::LeftOut => ("제외한 파일", "left out"),
        ProblemKind::Leak => ("학습과 평가에 함께 있는 이미지", "in training and in what judges it"),
        ProblemKind::NearDuplicate => {
            ("학습 이미지와 비슷한 평가 이미지", "judges, and looks like a training image")
        }
        ProblemKind::Contradiction => ("같은 이미지인데 라벨이 다름", "the same image with other labels"),
        ProblemKind::Duplicate => ("중복 이미지", "there twice"),
        ProblemKind::Label => ("라벨 문제", "labels cut or left out"),
        ProblemKind::Unlabelled => ("라벨 없음", "without labels"),
        ProblemKind::Note => ("참고", "worth knowing"),
    };
    pick(language, korean, english)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(from: &str, counts: &str, problems: &str) -> ProblemList {
        let text = format!(r#"{{"from":"{from}","counts":[{counts}],"problems":[{problems}]}}"#);
        serde_json::from_str(&text).unwrap()
    }

    const COUNTS: &str = r#"{"kind":"left_out","files":1},{"kind":"leak","files":3}"#;
    const PROBLEMS: &str = concat!(
        r#"{"kind":"left_out","path":"x.jpg","problem":"is empty","flaws":[{"code":"empty_file"}]},"#,
        r#"{"kind":"leak","path":"val/a.jpg","problem":"p","flaws":[{"code":"same_image_as","path":"b.jpg"}]},"#,
        r#"{"kind":"leak","path":"val/c.jpg","problem":"is of tomorrow"}"#,
    );

    #[test]
    fn every_file_is_named_under_what_is_wrong_with_it() {
        let listed = list("look", COUNTS, PROBLEMS);
        assert_eq!(
            lines(&listed, Language::English),
            [
                "left out: 1 file",
                "  x.jpg: is empty",
                "in training and in what judges it: 3 files",
                "  val/a.jpg: is the same image as b.jpg",
                "  val/c.jpg: is of tomorrow",
                "only 3 of 4 are listed",
            ]
        );
        let korean = lines(&listed, Language::Korean);
        assert_eq!(
            (korean[0].as_str(), korean[2].as_str()),
            ("제외한 파일: 1개", "학습과 평가에 함께 있는 이미지: 3개")
        );
        assert_eq!(lines(&list("look", "", ""), Language::English), ["nothing is wrong with any file"]);
    }

    #[test]
    fn what_nobody_has_listed_is_said_to_be_unknown() {
        let told = lines(&list("manifest", "", ""), Language::English);
        assert_eq!(told[0], "no image is there twice");
        assert!(told[1].contains("are not known"), "{told:?}");
    }
}
