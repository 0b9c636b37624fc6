//! `trainyard datasets show NAME --problems`: every file that something is wrong with, by what it is.

use anyhow::{Context, Result, bail};
use serde_json::json;
use trainyard_api::artifacts::ArtifactList;
use trainyard_events::chat::Language;
use trainyard_events::dataset::DatasetVersion;
use trainyard_events::problems::{ImageProblem, PROBLEMS, ProblemKind, ProblemsHeader};
use trainyard_views::DatasetRow;

use super::files::counted;
use crate::cli::client::Client;
use crate::cli::print_json;
use crate::language::{pick, said_or};
use crate::out::line;

/// What a look has listed of one manifest.
struct Listed {
    header: ProblemsHeader,
    problems: Vec<ImageProblem>,
}

pub(super) async fn run(
    client: &Client,
    row: &DatasetRow,
    version: &DatasetVersion,
    json: bool,
) -> Result<()> {
    let language = client.language;
    let Some(listed) =
        read(client, row).await?.filter(|listed| listed.header.manifest == version.manifest.sha256)
    else {
        let (path, number) = (&row.path, version.number);
        bail!(pick(
            language,
            format!(
                "{path}@{number}: 문제 목록이 없습니다. 목록은 가장 최근에 살펴본 버전에만 있습니다. 데이터셋을 다시 등록하면 새로 만듭니다"
            ),
            format!(
                "the problems of {path}@{number} are not listed: only the newest look has a list. Add the dataset again to have one"
            ),
        ));
    };
    if json {
        let ProblemsHeader { manifest, counts, listed: number } = &listed.header;
        let told = json!({
            "manifest": manifest, "counts": counts, "listed": number, "problems": listed.problems,
        });
        return print_json(&told);
    }
    lines(&listed, language).iter().for_each(line);
    Ok(())
}

async fn read(client: &Client, row: &DatasetRow) -> Result<Option<Listed>> {
    let all = client.get::<ArtifactList>(&format!("/v1/datasets/{}/artifacts", row.id)).await?;
    let Some(link) = all.artifacts.iter().find(|link| link.role == PROBLEMS) else { return Ok(None) };
    parse(&client.bytes(&link.url).await?).with_context(|| link.name.clone()).map(Some)
}

fn parse(text: &[u8]) -> Result<Listed> {
    let mut lines = text.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    let header = serde_json::from_slice(lines.next().unwrap_or_default())?;
    let problems = lines.map(serde_json::from_slice).collect::<Result<_, _>>()?;
    Ok(Listed { header, problems })
}

fn lines(Listed { header, problems }: &Listed, language: Language) -> Vec<String> {
    if header.counts.is_empty() {
        return vec![pick(language, "문제가 없습니다", "nothing is wrong with any file").to_owned()];
    }
    let mut lines = Vec::new();
    for count in &header.counts {
        let files = pick(language, format!("{}개", count.files), counted(count.files, "file"));
        lines.push(format!("{}: {files}", name(count.kind, language)));
        for ImageProblem { file, .. } in problems.iter().filter(|problem| problem.kind == count.kind) {
            lines.push(format!("  {}: {}", file.path, said_or(&file.flaws, &file.problem, language)));
        }
    }
    let found: u64 = header.counts.iter().map(|count| count.files).sum();
    if found > header.listed {
        let listed = header.listed;
        lines.push(pick(
            language,
            format!("{found}개 가운데 {listed}개만 목록에 있습니다"),
            format!("only {listed} of {found} are listed"),
        ));
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

    const LIST: &str = concat!(
        r#"{"manifest":"9f","counts":[{"kind":"left_out","files":1},{"kind":"leak","files":3}],"listed":3}"#,
        "\n",
        r#"{"kind":"left_out","path":"x.jpg","problem":"is empty","flaws":[{"code":"empty_file"}]}"#,
        "\n",
        r#"{"kind":"leak","path":"val/a.jpg","problem":"p","flaws":[{"code":"same_image_as","path":"b.jpg"}]}"#,
        "\n",
        r#"{"kind":"leak","path":"val/c.jpg","problem":"is of tomorrow"}"#,
        "\n",
    );

    #[test]
    fn every_file_is_named_under_what_is_wrong_with_it() {
        let listed = parse(LIST.as_bytes()).unwrap();
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
        let none = parse(br#"{"manifest":"9f","counts":[],"listed":0}"#).unwrap();
        assert_eq!(lines(&none, Language::English), ["nothing is wrong with any file"]);
        assert!(parse(b"").is_err() && parse(b"{\n").is_err());
    }
}
