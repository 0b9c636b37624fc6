//! What is wrong with single images of a dataset, or worth knowing of them: the artifact `problems` of a look, a line of JSON
//! about all of them and then one for each.

use serde::{Deserialize, Serialize};

use crate::dataset::FileProblem;

/// Role of the artifact.
pub const PROBLEMS: &str = "problems";

/// What a problem is about, the worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ProblemKind {
    /// The file is no image of the dataset: it is not used.
    LeftOut,
    /// The same content is trained on and judges.
    Leak,
    /// It judges, and looks like an image that is trained on.
    NearDuplicate,
    /// The same content has other labels elsewhere.
    Contradiction,
    /// The same content is there twice, for nothing.
    Duplicate,
    /// Some of its labels were cut or left out.
    Label,
    /// Nothing says what is in it.
    Unlabelled,
    /// Anything else that a person should know.
    Note,
}

impl ProblemKind {
    pub const ALL: [ProblemKind; 8] = [
        ProblemKind::LeftOut,
        ProblemKind::Leak,
        ProblemKind::NearDuplicate,
        ProblemKind::Contradiction,
        ProblemKind::Duplicate,
        ProblemKind::Label,
        ProblemKind::Unlabelled,
        ProblemKind::Note,
    ];
}

/// One file with one kind of problem.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ImageProblem {
    pub kind: ProblemKind,
    #[serde(flatten)]
    pub file: FileProblem,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ProblemCount {
    pub kind: ProblemKind,
    /// Files that have such a problem.
    pub files: u64,
}

/// The first line.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ProblemsHeader {
    /// SHA-256 of the manifest that was seen with them.
    pub manifest: String,
    /// All that were found, by kind; the kinds that there are.
    pub counts: Vec<ProblemCount>,
    /// Lines that follow: fewer than were found where all would be longer than an artifact may be.
    pub listed: u64,
}
