//! `trainyard doctor`: looks at this machine, its servers and its data, and says what is wrong and what to do.

mod found;
mod gather;
mod judge;
mod servers;

use anyhow::{Result, bail};
use serde_json::json;
use trainyard_events::chat::Language;

use crate::cli::{print_json, table};
use crate::language::{language, pick};
use crate::out;
use crate::platform::settings::Settings;
use judge::{Grade, Remark};

pub(crate) async fn run(settings: Settings, json: bool) -> Result<()> {
    let language = language();
    let config = settings.config.clone();
    let found = Box::pin(gather::all(&settings.resolve()?, config.as_deref())).await?;
    let remarks = judge::all(&found, language);
    if json {
        let told = |remark: &Remark| json!({"about": remark.about, "grade": remark.grade.name(), "said": remark.said, "do": remark.next});
        print_json(&remarks.iter().map(told).collect())?;
    } else {
        remarks.iter().for_each(|remark| show(remark, language));
    }
    match remarks.iter().filter(|remark| remark.grade == Grade::Failure).count() {
        0 => Ok(()),
        wrong => bail!(pick(
            language,
            format!("고쳐야 할 것이 {wrong}개 있습니다. 할 일은 각 줄에 있습니다"),
            format!("{wrong} to mend: what to do stands beside each"),
        )),
    }
}

fn show(remark: &Remark, language: Language) {
    let grade = match remark.grade {
        Grade::Ok => pick(language, "정상", "ok"),
        Grade::Warning => pick(language, "주의", "warning"),
        Grade::Failure => pick(language, "문제", "failure"),
        Grade::Unknown => pick(language, "모름", "unknown"),
    };
    let about = topic(remark.about, language);
    out::line(format_args!("{} {} {}", table::padded(grade, 8), table::padded(about, 11), remark.said));
    if let Some(next) = &remark.next {
        out::line(format_args!("{} {next}", table::padded("", 20)));
    }
}

fn topic(about: &'static str, language: Language) -> &'static str {
    let korean = match about {
        "port" => "포트",
        "disk" => "디스크",
        "data" => "데이터",
        "limits" => "제한",
        "memory" => "메모리",
        "shm" => "공유 메모리",
        "servers" => "서버",
        "clock" => "시계",
        "views" => "뷰",
        "gpus" => "GPU",
        "tools" => "도구",
        "trainer" => "학습기",
        "runners" => "러너",
        "roots" => "데이터셋",
        "secrets" => "비밀",
        other => other,
    };
    pick(language, korean, about)
}
