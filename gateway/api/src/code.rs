//! The codes of refusals, and the HTTP status of each.

use serde::{Deserialize, Serialize};

/// What programs tell refusals apart by. Each has one status.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Code {
    // Who asks, and how often.
    Unauthorized,
    TokenExpired,
    Forbidden,
    LoginRefused,
    NoGroup,
    OtherOrigin,
    TooManyRequests,
    TooManyConnections,
    TooManySockets,
    // What is not there, or not any more.
    NotFound,
    NoSuchRoute,
    NoSuchModelVersion,
    NoSuchMethod,
    ArtifactGone,
    CheckpointGone,
    // What a request carries.
    BadRequest,
    NoImage,
    BadImage,
    TooLarge,
    TooSlow,
    // What cannot be taken as it stands.
    PromptEmpty,
    PromptTooLong,
    PromptUnreadable,
    ProposalIncomplete,
    BadConfig,
    BadPath,
    BadTag,
    BadAnnotation,
    BadModelName,
    BadHook,
    BadTokenName,
    ExpiresInThePast,
    ModelNotTrainable,
    IdempotencyKeyReused,
    // What does not fit to how things are.
    Refused,
    NoOpenProposal,
    ProposalChanged,
    ProposalOvertaken,
    AlreadyApproved,
    AlreadySo,
    AlreadyIssued,
    TokenNameTaken,
    JobAlreadyEnded,
    JobStillRuns,
    JobFinished,
    JobNotFinished,
    NoCheckpoint,
    NotDeployed,
    DatasetArchived,
    DatasetPending,
    DatasetInUse,
    EndpointInUse,
    DatasetBytesUsedUp,
    Quarantined,
    // What is away, busy or broken.
    Unavailable,
    ViewsBehind,
    TimedOut,
    NoWorker,
    NoPredictor,
    PredictorBusy,
    PredictorTimedOut,
    BadModel,
    Internal,
    // What only sockets are told.
    BadFrame,
    FrameTooLarge,
    UnknownTopic,
    TooManyTopics,
}

impl Code {
    /// Of the HTTP answer.
    pub fn status(self) -> u16 {
        use Code::*;
        match self {
            BadRequest | NoImage | BadImage | BadFrame | FrameTooLarge | UnknownTopic | TooManyTopics => 400,
            Unauthorized | TokenExpired => 401,
            Forbidden | LoginRefused | NoGroup | OtherOrigin => 403,
            NotFound | NoSuchRoute | NoSuchModelVersion => 404,
            NoSuchMethod => 405,
            TooSlow => 408,
            Refused | NoOpenProposal | ProposalChanged | ProposalOvertaken | AlreadyApproved | AlreadySo
            | AlreadyIssued | JobAlreadyEnded | JobStillRuns | JobFinished | JobNotFinished
            | NoCheckpoint | NotDeployed | DatasetArchived | DatasetPending | DatasetInUse
            | EndpointInUse | DatasetBytesUsedUp | Quarantined | TokenNameTaken => 409,
            ArtifactGone | CheckpointGone => 410,
            TooLarge => 413,
            PromptEmpty | PromptTooLong | PromptUnreadable | ProposalIncomplete | BadConfig | BadPath
            | BadTag | BadAnnotation | BadModelName | BadHook | BadTokenName | ExpiresInThePast
            | ModelNotTrainable | IdempotencyKeyReused => 422,
            TooManyRequests | TooManyConnections | TooManySockets => 429,
            BadModel | Internal => 500,
            Unavailable | ViewsBehind | TimedOut | NoWorker | NoPredictor | PredictorBusy
            | PredictorTimedOut => 503,
        }
    }

    /// As it is written.
    pub fn name(self) -> &'static str {
        use Code::*;
        match self {
            Unauthorized => "unauthorized",
            TokenExpired => "token_expired",
            Forbidden => "forbidden",
            LoginRefused => "login_refused",
            NoGroup => "no_group",
            OtherOrigin => "other_origin",
            TooManyRequests => "too_many_requests",
            TooManyConnections => "too_many_connections",
            TooManySockets => "too_many_sockets",
            NotFound => "not_found",
            NoSuchRoute => "no_such_route",
            NoSuchModelVersion => "no_such_model_version",
            NoSuchMethod => "no_such_method",
            ArtifactGone => "artifact_gone",
            CheckpointGone => "checkpoint_gone",
            BadRequest => "bad_request",
            NoImage => "no_image",
            BadImage => "bad_image",
            TooLarge => "too_large",
            TooSlow => "too_slow",
            PromptEmpty => "prompt_empty",
            PromptTooLong => "prompt_too_long",
            PromptUnreadable => "prompt_unreadable",
            ProposalIncomplete => "proposal_incomplete",
            BadConfig => "bad_config",
            BadPath => "bad_path",
            BadTag => "bad_tag",
            BadAnnotation => "bad_annotation",
            BadModelName => "bad_model_name",
            BadHook => "bad_hook",
            BadTokenName => "bad_token_name",
            ExpiresInThePast => "expires_in_the_past",
            ModelNotTrainable => "model_not_trainable",
            IdempotencyKeyReused => "idempotency_key_reused",
            Refused => "refused",
            NoOpenProposal => "no_open_proposal",
            ProposalChanged => "proposal_changed",
            ProposalOvertaken => "proposal_overtaken",
            AlreadyApproved => "already_approved",
            AlreadySo => "already_so",
            AlreadyIssued => "already_issued",
            TokenNameTaken => "token_name_taken",
            JobAlreadyEnded => "job_already_ended",
            JobStillRuns => "job_still_runs",
            JobFinished => "job_finished",
            JobNotFinished => "job_not_finished",
            NoCheckpoint => "no_checkpoint",
            NotDeployed => "not_deployed",
            DatasetArchived => "dataset_archived",
            DatasetPending => "dataset_pending",
            DatasetInUse => "dataset_in_use",
            EndpointInUse => "endpoint_in_use",
            DatasetBytesUsedUp => "dataset_bytes_used_up",
            Quarantined => "quarantined",
            Unavailable => "unavailable",
            ViewsBehind => "views_behind",
            TimedOut => "timed_out",
            NoWorker => "no_worker",
            NoPredictor => "no_predictor",
            PredictorBusy => "predictor_busy",
            PredictorTimedOut => "predictor_timed_out",
            BadModel => "bad_model",
            Internal => "internal",
            BadFrame => "bad_frame",
            FrameTooLarge => "frame_too_large",
            UnknownTopic => "unknown_topic",
            TooManyTopics => "too_many_topics",
        }
    }
}
