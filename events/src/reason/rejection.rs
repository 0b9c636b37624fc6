//! Why a command is refused.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::ConfigProblem;
use crate::job::Status;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "rejection", rename_all = "snake_case")]
pub enum Rejection {
    PromptEmpty,
    PromptTooLong {
        characters: u64,
    },
    /// A control character, by its number in Unicode.
    PromptUnreadable {
        character: u32,
    },
    NoOpenProposal,
    ProposalChanged,
    ProposalOvertaken,
    ProposalIncomplete {
        missing: Vec<String>,
    },
    BadConfig {
        problems: Vec<ConfigProblem>,
    },
    BadPath,
    BadDatasetName,
    BadAddress,
    NoSuchDataset,
    BadTag,
    TooManyTags {
        limit: u64,
    },
    NoSuchTag {
        tag: String,
    },
    NoSuchDatasetVersion {
        version: u32,
    },
    DatasetArchived,
    /// What was added first under its name is still being looked at, and would be no version ever.
    DatasetPending,
    StaleInspection,
    NoSuchJob,
    BadTitle,
    /// `tag` is cut where it is too long.
    BadJobTag {
        tag: String,
    },
    TooManyJobTags {
        limit: u64,
    },
    BadJobNote,
    JobAlreadyEnded {
        status: Status,
    },
    NotWaiting {
        status: Status,
    },
    NotOffered,
    MovedOn,
    QuotaUsedUp {
        slots: u32,
    },
    GpuHoursUsedUp {
        hours: u32,
    },
    SlotStillHeld,
    BadPrice,
    /// All prices of a tenant are in one, so that they add up.
    OtherCurrency {
        currency: String,
    },
    BadBudget,
    StaleToken {
        given: u64,
        current: Option<u64>,
    },
    EpochOutOfOrder {
        given: u32,
        expected: u32,
    },
    TooManyEpochs {
        given: u32,
        epochs: u32,
    },
    CheckpointBehind {
        given: u64,
        newest: u64,
    },
    CancelNotRequested,
    AttemptStillRunning,
    NotAReport,
    NotFinite {
        measurement: String,
    },
    NoWeights,
    NotDeployed,
    BadModelName,
    NoSuchModel,
    NoSuchModelVersion {
        version: u32,
    },
    TooManyModelVersions {
        limit: u64,
    },
    BadAlias,
    TooManyAliases {
        limit: u64,
    },
    NoSuchAlias {
        alias: String,
    },
    NoFormerVersion {
        alias: String,
    },
    ModelVersionArchived {
        version: u32,
    },
    ModelVersionNamed {
        version: u32,
        alias: String,
    },
    TooManyHooks {
        limit: u64,
    },
    NoSuchHook,
    /// `kind` is none that hooks can be for; empty where there is no kind at all, or too many.
    BadHookKind {
        kind: String,
    },
    BadHookAddress,
    BadMaintenanceNote,
    NoSuchToken,
    NoSuchTenant,
    BadTokenName,
    TokenNameTaken,
    ExpiresInThePast,
    /// Only what can still be used, and has no successor yet, gets one.
    TokenEnded,
    /// A session ends and is opened anew; nothing takes its place.
    SessionNotRotated,
    MemberRemoved,
    NoSuchMember,
    /// Used, taken back, at its end, or never made: the same.
    NoSuchInvitation,
    TenantClosed,
    TooLarge {
        bytes: u64,
        limit: u64,
    },
    WrongAggregate,
}

impl Rejection {
    /// Whether the asker, rather than what was asked, is out of date: a worker then stops its attempt.
    pub fn is_fenced(&self) -> bool {
        matches!(
            self,
            Rejection::StaleToken { .. }
                | Rejection::JobAlreadyEnded { .. }
                | Rejection::NotOffered
                | Rejection::NoSuchJob
        )
    }
}

/// For logs: the name and the values. People read `events/words`.
impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self:?}")
    }
}

impl std::error::Error for Rejection {}
