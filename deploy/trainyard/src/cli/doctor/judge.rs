//! What the findings mean, and what to do. Pure: the same findings, the same remarks.

mod installed;
mod machine;
mod serving;

use trainyard_events::chat::Language;

use super::found::Found;
use crate::language::pick;
use installed::{format, gpus, runners, secrets, tools, trainer};
use machine::{disk, memory, open_files, port, shared_memory};
use serving::{servers, views};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Grade {
    Ok,
    Warning,
    Failure,
    /// It could not be looked at.
    Unknown,
}

impl Grade {
    pub(super) fn name(self) -> &'static str {
        match self {
            Grade::Ok => "ok",
            Grade::Warning => "warning",
            Grade::Failure => "failure",
            Grade::Unknown => "unknown",
        }
    }
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Remark {
    pub about: &'static str,
    pub grade: Grade,
    pub said: String,
    /// What to do; none where all is well.
    pub next: Option<String>,
}

fn ok(about: &'static str, said: String) -> Remark {
    Remark { about, grade: Grade::Ok, said, next: None }
}

fn warning(about: &'static str, said: String, next: impl Into<String>) -> Remark {
    Remark { about, grade: Grade::Warning, said, next: Some(next.into()) }
}

fn failure(about: &'static str, said: String, next: impl Into<String>) -> Remark {
    Remark { about, grade: Grade::Failure, said, next: Some(next.into()) }
}

/// What was not looked at is never well.
fn unknown(about: &'static str, why: &str, l: Language) -> Remark {
    let said = pick(l, format!("확인하지 못했습니다: {why}"), format!("not looked at: {why}"));
    Remark { about, grade: Grade::Unknown, said, next: None }
}

pub(super) fn all(found: &Found, l: Language) -> Vec<Remark> {
    let mut all =
        vec![port(found, l), disk(found, l), format(&found.format, l), open_files(found.open_files, l)];
    all.extend([memory(&found.memory, l), shared_memory(&found.shared_memory, l)]);
    all.extend(servers(&found.servers, l));
    all.extend([views(&found.views, l), gpus(&found.gpus, found.wants_gpu, l), tools(&found.tools, l)]);
    all.extend([trainer(&found.trainer, l), runners(&found.runners, l)]);
    all.extend(found.roots.iter().map(|(root, looked)| {
        let root = root.display();
        match looked {
            Ok(()) => {
                ok("roots", pick(l, format!("{root} 폴더를 읽을 수 있습니다"), format!("{root} can be read")))
            }
            Err(why) => warning(
                "roots",
                format!("{root}: {why}"),
                pick(
                    l,
                    "폴더를 만들거나 읽기 권한을 주세요. 쓰지 않으면 TRAINYARD_DATASET_ROOTS에서 빼세요",
                    "make it or let this user read it, or take it out of TRAINYARD_DATASET_ROOTS",
                ),
            ),
        }
    }));
    all.push(secrets(&found.secrets, l));
    all
}

#[cfg(test)]
mod tests;
