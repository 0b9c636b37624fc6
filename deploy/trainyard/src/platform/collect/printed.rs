//! What a run of `trainyard collect` tells people, and machines.

use serde_json::json;
use trainyard_events::chat::Language;

use super::Found;
use crate::language::{language, pick};
use crate::out;

pub(super) fn print(found: &Found, dry_run: bool, as_json: bool) {
    if as_json {
        let Found { garbage, uploads, kept, foreign, unread, is_cut } = found;
        let collected = json!({ "objects": garbage.len(), "bytes": found.bytes(), "uploads": uploads.len() });
        out::json(&json!({
            "collected": collected, "dry_run": dry_run, "kept": kept, "foreign": foreign, "unread": unread,
            "more": is_cut,
        }));
        return;
    }
    if dry_run {
        found.garbage.iter().for_each(|(why, object)| {
            out::line(format_args!("{why:?}\t{}\t{}", object.bytes, object.key));
        });
    }
    lines(found, dry_run, language()).iter().for_each(out::line);
}

fn lines(found: &Found, dry_run: bool, language: Language) -> Vec<String> {
    let (objects, bytes, uploads) = (found.garbage.len(), found.bytes(), found.uploads.len());
    let Found { kept, foreign, is_cut, .. } = found;
    let verb = if dry_run { "would be" } else { "are" };
    let [taken, ended] = if dry_run { ["치울", "그만둘"] } else { ["치운", "그만둔"] };
    let mut lines = vec![pick(
        language,
        format!("{taken} 객체 {objects}개({bytes}바이트), 남은 객체 {kept}개"),
        format!("{objects} objects of {bytes} bytes {verb} collected, {kept} are kept"),
    )];
    if uploads > 0 {
        lines.push(pick(
            language,
            format!("{ended} 업로드 {uploads}개: 끝난 시도가 다 올리지 못한 것입니다"),
            format!("{uploads} unfinished uploads of attempts that are over {verb} given up"),
        ));
    }
    if *foreign > 0 {
        lines.push(pick(
            language,
            format!("이 로그가 모르는 작업이나 데이터셋의 객체 {foreign}개는 그대로 둡니다"),
            format!("{foreign} are of jobs or datasets that this log does not know: left alone"),
        ));
    }
    for tenant in &found.unread {
        lines.push(pick(
            language,
            format!("{tenant}: 매니페스트나 파일 목록을 읽을 수 없어 데이터셋의 파일을 그대로 둡니다"),
            format!("files of the datasets of {tenant} are left alone: what names them cannot be read"),
        ));
    }
    if *is_cut {
        let more = pick(language, "더 있습니다. 다시 실행하세요", "there is more: run it again");
        lines.push(more.to_owned());
    }
    lines
}
