//! What is wrong with single files of a dataset: what is wrong with many is said once.

use trainyard_events::chat::Language;
use trainyard_events::dataset::FileProblem;

use crate::language::{pick, said_or};
use crate::out::line;

/// Problems of files told on a screen; the JSON names every file.
const PROBLEMS: usize = 20;

/// `count` of them there are; the report may name fewer.
pub(super) fn print(title: &str, report: &[FileProblem], count: u64, language: Language) {
    if count > 0 {
        line("");
        lines(title, report, count, language).iter().for_each(line);
    }
}

fn lines(title: &str, report: &[FileProblem], count: u64, language: Language) -> Vec<String> {
    let by_problem = by_problem(report, language);
    let told = &by_problem[..by_problem.len().min(PROBLEMS)];
    let files = pick(language, format!("{count}개"), counted(count, "file"));
    let mut lines = vec![format!("{title}: {files}")];
    for (problem, paths) in told {
        let more = match paths.len() as u64 - 1 {
            0 => String::new(),
            others => pick(language, format!(" 외 {others}개"), format!(" and {}", counted(others, "other"))),
        };
        lines.push(format!("  {}{more}: {problem}", paths[0]));
    }
    let told: usize = told.iter().map(|(_, paths)| paths.len()).sum();
    if count > told as u64 {
        let (more, first) = (count - told as u64, report.len());
        lines.push(pick(
            language,
            format!("  그 밖에 {more}개; --json에는 처음 {first}개가 나옵니다"),
            format!("  and {more} more; --json names the first {first}"),
        ));
    }
    lines
}

/// Each problem once, with the files that have it.
fn by_problem(report: &[FileProblem], language: Language) -> Vec<(String, Vec<&str>)> {
    let mut by_problem: Vec<(String, Vec<&str>)> = Vec::new();
    for FileProblem { path, problem, flaws } in report {
        let problem = said_or(flaws, problem, language);
        match by_problem.iter_mut().find(|(known, _)| *known == problem) {
            Some((_, paths)) => paths.push(path),
            None => by_problem.push((problem, vec![path])),
        }
    }
    by_problem
}

pub(super) fn counted(count: u64, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use trainyard_events::reason::Flaw;

    use super::*;

    #[test]
    fn what_is_wrong_with_many_is_said_once() {
        let file = |path: &str, flaws: &[Flaw]| {
            let (path, problem) = (path.to_owned(), "is of tomorrow".to_owned());
            FileProblem { path, problem, flaws: flaws.to_vec() }
        };
        let report = [file("a", &[Flaw::EmptyFile]), file("b", &[Flaw::EmptyFile]), file("c", &[])];
        assert_eq!(
            lines("left out", &report, 9, Language::English),
            [
                "left out: 9 files",
                "  a and 1 other: is empty",
                "  c: is of tomorrow",
                "  and 6 more; --json names the first 3"
            ]
        );
        let korean = lines("제외한 파일", &report, 3, Language::Korean);
        assert_eq!(korean[0], "제외한 파일: 3개");
        assert!(korean[1].starts_with("  a 외 1개: ") && !korean[1].contains("empty"), "{}", korean[1]);
        assert_eq!(korean[2..], ["  c: is of tomorrow"]);
    }
}
