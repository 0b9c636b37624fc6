//! What a request is answered with when it cannot be granted: a code for programs, and for people what happened and what to
//! do next, in their language.

use serde::{Deserialize, Serialize};
use trainyard_events::reason::{Flaw, Rejection};
use trainyard_events::tenant::{Role, Scope};
use trainyard_views::JobStatus;

use crate::code::Code;
use crate::rejected;

/// The one form of every refusal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ErrorAnswer {
    pub error: ErrorBody,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ErrorBody {
    pub code: Code,
    /// What happened, in the language that the request prefers.
    pub message: String,
    pub next_step: String,
}

/// What happened, and what to do next.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Said {
    pub message: String,
    pub next_step: String,
}

impl Said {
    pub fn new(message: impl Into<String>, next_step: impl Into<String>) -> Said {
        Said { message: message.into(), next_step: next_step.into() }
    }
}

/// What can be looked for and not be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    Chat,
    Job,
    Dataset,
    Artifact,
    /// Of the catalog.
    Model,
    /// Of the registry: one, a version of it, or an alias.
    NamedModel,
    Token,
    Tenant,
    Hook,
    Worker,
    Member,
    Invitation,
}

/// Who asks more than a gateway answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Excess {
    /// One token.
    Token,
    /// All tokens of one tenant.
    Tenant,
    /// An address, without a token.
    Address,
    /// An address, with tokens that nobody knows.
    UnknownTokens,
}

/// Whose sockets are as many as there may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Crowd {
    Token,
    Tenant,
    /// Those of an address that have not said who they are.
    Address,
    /// All that have not.
    Unnamed,
}

/// A part of the platform that can be away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    Log,
    Bus,
    Views,
    Store,
    Workers,
    Predictors,
    /// Who vouches for people that log in.
    Provider,
}

/// Why a request, or a frame of a socket, is refused: what happened, as data. `detail` is what another program said, and
/// stands in either language as it is.
#[derive(Clone, Debug, PartialEq)]
pub enum Problem {
    NoToken,
    NotBearer,
    UnknownToken,
    TokenExpired,
    TooManyLookups,
    /// A socket must begin with its token.
    NoAuthFrame,
    NeedsRole {
        role: Role,
    },
    /// The token is confined to other routes.
    OutOfScope {
        scope: Scope,
    },
    OtherOrigin,
    /// There is no provider of identities.
    NoLogin,
    /// This browser has begun no login here, or long ago.
    LoginForgotten,
    /// The provider has refused it, or its answer does not hold.
    LoginRefused {
        detail: String,
    },
    /// None of a person's groups opens anything here.
    NoGroup {
        name: String,
    },
    /// Of another tenant than the operators', whose admins alone do what concerns everybody.
    NotAnOperator,
    /// By jobs that have not ended, this many.
    TenantInUse {
        jobs: u64,
    },
    TooMany {
        excess: Excess,
        wait_ms: u64,
        per_second: u32,
    },

    /// Of another tenant or of nobody: the same.
    NotFound {
        what: What,
    },
    NoSuchRoute {
        path: String,
    },
    NoSuchMethod {
        path: String,
        method: String,
    },
    ArtifactGone {
        key: String,
    },

    BodyBroken {
        detail: String,
    },
    BadUpload {
        detail: String,
    },
    /// The field `name` holds a file with another hash.
    OtherContent {
        name: String,
        found: String,
    },
    NoSuchBlob {
        sha256: String,
    },
    /// It lies in the workers' folder, or lay there.
    ImageChanged {
        name: String,
    },
    /// An image that browsers do not draw.
    NotDrawn {
        name: String,
    },
    VersionTooLarge {
        bytes: u64,
        bytes_max: u64,
    },
    /// More than the tenant's quota has room for, in bytes; null where it is not known how much more was asked.
    DatasetBytes {
        used: u64,
        asked: Option<u64>,
        limit: u64,
    },
    /// By jobs that have not ended, by their numbers.
    DatasetInUse {
        jobs: Vec<u64>,
    },
    NoSuchReference {
        reference: String,
    },
    /// `written` names no model, no version of one and no alias.
    NoSuchModelVersion {
        written: String,
    },
    /// By these aliases, as `NAME@ALIAS`.
    EndpointInUse {
        aliases: Vec<String>,
    },
    /// A manifest that this gateway cannot read.
    ManifestUnread {
        number: u32,
        newer: bool,
    },
    BadBody {
        detail: String,
    },
    BadQuery {
        detail: String,
    },
    BadAddress {
        detail: String,
    },
    BadWaitFor,
    BadKey {
        chars_max: usize,
    },
    NoSuchStatus {
        word: String,
    },
    BadAggregate {
        detail: String,
    },
    NotASocket {
        detail: String,
    },
    BodyTooLarge {
        bytes_max: usize,
    },
    ImageTooLarge {
        bytes_max: usize,
    },
    TooSlow {
        bytes_per_second: usize,
    },

    BadFields {
        detail: String,
    },
    ContinuesGiven,
    NotTrainableYet {
        model: String,
        instead: String,
    },
    NeedsRunner {
        model: String,
        runner: String,
        /// What to install it by.
        install: String,
        instead: String,
    },

    /// The `Idempotency-Key` came with another request before.
    KeyTaken,
    BadReason {
        chars_max: usize,
    },
    /// The history holds an event that this platform cannot read.
    Quarantined {
        sequence: u64,
        reason: String,
    },
    /// It can be read, or there is none, or it is of another tenant.
    NotQuarantined,

    DatasetLookedAt,
    AlreadyApproved,
    AlreadySo,
    AlreadyIssued,
    /// There is no key to keep addresses with.
    NoHooks,
    EndTooFar,

    JobStillRuns,
    NothingLeft {
        number: u64,
    },
    NoCheckpoint {
        number: u64,
    },
    CheckpointGone {
        number: u64,
    },
    /// None is kept of the place that is asked for; these are, by epoch and step.
    NoSuchCheckpoint {
        number: u64,
        kept: Vec<(u32, u64)>,
    },
    NoModelYet {
        number: u64,
    },
    NotDeployed {
        number: u64,
    },
    NoModel {
        number: u64,
        status: JobStatus,
    },
    /// Only what has finished can be trained again.
    NoCertificate {
        number: u64,
        status: JobStatus,
    },

    NotAForm,
    NoImageField,
    EmptyImage,
    TooManyImages {
        images_max: usize,
    },
    NotBase64,
    /// The operator has named no such host; `host` is empty where there is none in it.
    ImageNotAllowed {
        host: String,
    },
    /// `status` is what its server answers; without one, it is not reached.
    ImageNotFetched {
        host: String,
        status: Option<u16>,
    },
    BrokenForm {
        detail: String,
    },
    BadImage {
        detail: String,
        /// The same as data.
        flaws: Vec<Flaw>,
    },
    BadModel {
        detail: String,
    },
    /// Who could say what is in a folder.
    NoWorker,
    /// A folder that is not below those that the tenant may have read, whether it is there or not.
    OutsideRoots {
        path: String,
    },
    NoSuchFolder {
        path: String,
    },
    FolderUnreadable {
        path: String,
        detail: String,
    },
    NoPredictor,
    PredictorBusy {
        detail: String,
    },
    PredictorTimedOut,

    Unavailable {
        part: Part,
        detail: String,
    },
    /// The views lack events that the log had when this was asked.
    ViewsBehind {
        events: u64,
    },
    TimedOut {
        seconds: u64,
    },
    TooManyConnections {
        most: usize,
    },
    /// What came here in the clear.
    OnlyTls,
    TooManySockets {
        crowd: Crowd,
        most: usize,
    },
    NoSocketLeft {
        most: usize,
    },
    NewerViews,
    /// A fault of the house.
    Internal {
        detail: String,
    },

    NotText,
    BadFrame {
        detail: String,
    },
    FrameTooLarge {
        bytes_max: usize,
    },
    UnknownTopic {
        topic: String,
    },
    TooManyTopics {
        most: usize,
    },
    /// A topic that cannot begin.
    TopicUnavailable {
        detail: String,
    },

    /// Values that no configuration can have, as the assistant says it.
    CannotBe {
        english: String,
        korean: String,
    },
    /// By a rule.
    Refused {
        rejection: Rejection,
    },
}

impl Problem {
    pub fn code(&self) -> Code {
        match self {
            Problem::NoToken | Problem::NotBearer | Problem::UnknownToken | Problem::NoAuthFrame => {
                Code::Unauthorized
            }
            Problem::TokenExpired => Code::TokenExpired,
            Problem::TooManyConnections { .. } => Code::TooManyConnections,
            Problem::TooManySockets { .. } => Code::TooManySockets,
            Problem::NeedsRole { .. } | Problem::OutOfScope { .. } | Problem::NotAnOperator => {
                Code::Forbidden
            }
            Problem::NoLogin => Code::NotFound,
            Problem::LoginForgotten | Problem::LoginRefused { .. } => Code::LoginRefused,
            Problem::NoGroup { .. } => Code::NoGroup,
            Problem::TenantInUse { .. } => Code::Refused,
            Problem::OtherOrigin => Code::OtherOrigin,
            Problem::TooMany { .. } => Code::TooManyRequests,
            Problem::NotFound { .. } => Code::NotFound,
            Problem::NoSuchRoute { .. } => Code::NoSuchRoute,
            Problem::NoSuchMethod { .. } => Code::NoSuchMethod,
            Problem::ArtifactGone { .. } => Code::ArtifactGone,
            Problem::BodyBroken { .. }
            | Problem::OnlyTls
            | Problem::BadBody { .. }
            | Problem::BadQuery { .. }
            | Problem::BadAddress { .. }
            | Problem::BadWaitFor
            | Problem::BadKey { .. }
            | Problem::NoSuchStatus { .. }
            | Problem::BadAggregate { .. }
            | Problem::NotASocket { .. }
            | Problem::BadFields { .. }
            | Problem::EndTooFar
            | Problem::ContinuesGiven => Code::BadRequest,
            Problem::BodyTooLarge { .. } | Problem::ImageTooLarge { .. } | Problem::TooManyImages { .. } => {
                Code::TooLarge
            }
            Problem::NotBase64 | Problem::ImageNotAllowed { .. } | Problem::ImageNotFetched { .. } => {
                Code::BadImage
            }
            Problem::TooSlow { .. } => Code::TooSlow,
            Problem::NotTrainableYet { .. } | Problem::NeedsRunner { .. } => Code::ModelNotTrainable,
            Problem::KeyTaken => Code::IdempotencyKeyReused,
            Problem::BadReason { .. } => Code::BadRequest,
            Problem::Quarantined { .. } => Code::Quarantined,
            Problem::NotQuarantined
            | Problem::NoSuchBlob { .. }
            | Problem::NoSuchReference { .. }
            | Problem::NoSuchFolder { .. } => Code::NotFound,
            Problem::NoSuchModelVersion { .. } => Code::NoSuchModelVersion,
            Problem::EndpointInUse { .. } => Code::EndpointInUse,
            Problem::DatasetBytes { .. } => Code::DatasetBytesUsedUp,
            Problem::DatasetInUse { .. } => Code::DatasetInUse,
            Problem::BadUpload { .. }
            | Problem::OtherContent { .. }
            | Problem::ImageChanged { .. }
            | Problem::NotDrawn { .. }
            | Problem::ManifestUnread { .. } => Code::Refused,
            Problem::VersionTooLarge { .. } => Code::TooLarge,
            Problem::DatasetLookedAt => Code::ProposalChanged,
            Problem::AlreadyApproved => Code::AlreadyApproved,
            Problem::AlreadySo => Code::AlreadySo,
            Problem::AlreadyIssued => Code::AlreadyIssued,
            Problem::JobStillRuns => Code::JobStillRuns,
            Problem::NothingLeft { .. } => Code::JobFinished,
            Problem::NoCheckpoint { .. } | Problem::NoSuchCheckpoint { .. } => Code::NoCheckpoint,
            Problem::CheckpointGone { .. } => Code::CheckpointGone,
            Problem::NoModelYet { .. } | Problem::NoModel { .. } | Problem::NoCertificate { .. } => {
                Code::JobNotFinished
            }
            Problem::NotDeployed { .. } => Code::NotDeployed,
            Problem::NotAForm | Problem::NoImageField | Problem::EmptyImage | Problem::BrokenForm { .. } => {
                Code::NoImage
            }
            Problem::BadImage { .. } => Code::BadImage,
            Problem::BadModel { .. } => Code::BadModel,
            Problem::NoWorker => Code::NoWorker,
            Problem::OutsideRoots { .. } => Code::BadPath,
            Problem::FolderUnreadable { .. } => Code::Refused,
            Problem::NoPredictor => Code::NoPredictor,
            Problem::PredictorBusy { .. } => Code::PredictorBusy,
            Problem::PredictorTimedOut => Code::PredictorTimedOut,
            Problem::Unavailable { .. }
            | Problem::NoHooks
            | Problem::TooManyLookups
            | Problem::NoSocketLeft { .. }
            | Problem::TopicUnavailable { .. } => Code::Unavailable,
            Problem::ViewsBehind { .. } => Code::ViewsBehind,
            Problem::TimedOut { .. } => Code::TimedOut,
            Problem::NewerViews | Problem::Internal { .. } => Code::Internal,
            Problem::NotText | Problem::BadFrame { .. } => Code::BadFrame,
            Problem::FrameTooLarge { .. } => Code::FrameTooLarge,
            Problem::UnknownTopic { .. } => Code::UnknownTopic,
            Problem::TooManyTopics { .. } => Code::TooManyTopics,
            Problem::CannotBe { .. } => Code::BadConfig,
            Problem::Refused { rejection } => rejected::code(rejection),
        }
    }
}

impl From<Rejection> for Problem {
    fn from(rejection: Rejection) -> Problem {
        match rejection {
            Rejection::NoSuchDataset => Problem::NotFound { what: What::Dataset },
            Rejection::NoSuchJob => Problem::NotFound { what: What::Job },
            Rejection::NoSuchHook => Problem::NotFound { what: What::Hook },
            Rejection::NoSuchToken => Problem::NotFound { what: What::Token },
            Rejection::NoSuchMember => Problem::NotFound { what: What::Member },
            Rejection::NoSuchTenant => Problem::NotFound { what: What::Tenant },
            Rejection::NoSuchModel => Problem::NotFound { what: What::NamedModel },
            rejection => Problem::Refused { rejection },
        }
    }
}
