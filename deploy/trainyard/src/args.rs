//! What can be typed.

mod annotation;
mod datasets;
mod hooks;
mod jobs;
mod maintenance;
mod models;
mod prelabel;
mod schedule;
mod tenant;
mod tools;
mod train;

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::builder::PossibleValuesParser;
use clap::{Args, CommandFactory, FromArgMatches, Parser, Subcommand};
use serde_json::Value;
use trainyard_events::Month;
use trainyard_events::config::Task;
use trainyard_views::JobStatus;

use crate::cli::server::Server;
use crate::platform::settings::Settings;

pub(crate) use annotation::Annotation;
pub(crate) use datasets::{Check, DatasetAction};
pub(crate) use hooks::{HookAction, HookAddress};
pub(crate) use jobs::JobsAction;
pub(crate) use maintenance::{QueueAction, WorkerAction};
pub(crate) use models::{
    InstallRunner, ModelForm, ModelPrecision, NewRunner, NewTask, RegistryAction, RunnerAction,
};
pub(crate) use prelabel::Prelabel;
pub(crate) use schedule::{Replay, ScheduleAction};
pub(crate) use tenant::{
    AuditAction, Erase, Limit, MemberAction, PriceAction, QuotaAction, TenantAction, TokenAction,
};
pub(crate) use tools::ToolAction;
pub(crate) use train::Train;

/// Train vision models from a conversation.
#[derive(Debug, Parser)]
#[command(name = "trainyard", version, propagate_version = true)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub server: Server,
    #[command(flatten)]
    pub settings: Settings,
    /// Print JSON for machines instead of text for people.
    #[arg(long, global = true)]
    pub json: bool,
    #[command(subcommand)]
    pub command: Command,
}

/// Commands that only ask a gateway: what configures a platform is not shown in their help.
const ASKING: &[&str] = &[
    "chat",
    "interpret",
    "train",
    "jobs",
    "job",
    "watch",
    "logs",
    "cancel",
    "resume",
    "events",
    "datasets",
    "models",
    "registry",
    "predict",
    "prelabel",
    "deploy",
    "export",
    "certificate",
    "reproduce",
    "workers",
    "token",
    "members",
    "tenants",
    "audit",
    "quota",
    "queue",
    "schedule",
    "prices",
    "costs",
    "erase",
    "hooks",
];

impl Arguments {
    /// As typed; what is wrong with it is said, and ends the program.
    pub(crate) fn typed() -> Arguments {
        let matches = command().get_matches();
        Arguments::from_arg_matches(&matches).unwrap_or_else(|error| error.exit())
    }
}

/// What can be typed, each command's help with no more than it heeds.
fn command() -> clap::Command {
    let mut command = Arguments::command();
    // Only then have the commands the options that all of them take.
    command.build();
    let asking = |command: &clap::Command| ASKING.contains(&command.get_name());
    let names: Vec<String> =
        command.get_subcommands().filter(|one| asking(one)).map(|one| one.get_name().to_owned()).collect();
    let hidden = |argument: clap::Arg| {
        let of_a_platform = argument.get_help_heading() == Some("Platform");
        argument.hide(of_a_platform)
    };
    names.iter().fold(command, |command, name| command.mut_subcommand(name, |one| one.mut_args(hidden)))
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Start the whole platform here: servers, gateway, projector, dispatcher and one worker.
    Up(Up),
    /// Do the main job once, from a Korean sentence to a model that answers, and stop.
    Demo {
        /// Train a detector of trees instead of a classifier of digits.
        #[arg(long, conflicts_with = "transfer")]
        detect: bool,
        /// Train on photos of solar cells from ImageNet's weights and from a random start, and compare.
        #[arg(long)]
        transfer: bool,
    },
    /// Talk: one sentence, or a conversation when none is given.
    Chat {
        /// Go on with this conversation.
        #[arg(long)]
        chat: Option<String>,
        text: Vec<String>,
    },
    /// Say what a sentence means, without a server.
    Interpret {
        /// Read conversations from this file (`-`: standard input), one JSON object a line.
        #[arg(long)]
        jsonl: Option<PathBuf>,
        text: Vec<String>,
    },
    /// Request a training without a conversation.
    Train(Box<Train>),
    /// List jobs, newest first or sorted; or begin a new one from a checkpoint of another.
    Jobs {
        /// Only those with one of these, with commas between.
        #[arg(long, value_delimiter = ',', value_parser = PossibleValuesParser::new(JobStatus::ALL.map(JobStatus::name)))]
        status: Vec<String>,
        /// Only those with this tag.
        #[arg(long)]
        tag: Option<String>,
        /// Those that are put away.
        #[arg(long)]
        archived: bool,
        /// In order of a column, a measurement or a field of the configuration, such as started or -accuracy: with `-` the
        /// largest come first.
        #[arg(long, allow_hyphen_values = true)]
        sort: Option<String>,
        #[arg(long, default_value_t = 20)]
        limit: u32,
        /// Left out, they are listed.
        #[command(subcommand)]
        action: Option<JobsAction>,
    },
    /// Show one job, or say something of it: a title, tags, a note.
    Job {
        /// Number or id.
        job: String,
        #[command(flatten)]
        annotation: Annotation,
    },
    /// Follow a job until it ends.
    Watch {
        /// Number or id.
        job: String,
    },
    /// Stop a job.
    Cancel {
        /// Number or id.
        job: String,
    },
    /// Go on with a stopped job from its last checkpoint, as a new job.
    Resume {
        /// Number or id.
        job: String,
        /// Let it take so many hours instead of what its configuration had.
        #[arg(long)]
        max_hours: Option<f64>,
        /// The same of what it may cost.
        #[arg(long)]
        max_cost: Option<f64>,
        /// Follow it until it ends.
        #[arg(long)]
        watch: bool,
    },
    /// Print the newest lines of a job's console.
    Logs {
        /// Number or id.
        job: String,
        /// Print new lines as they come, until the job ends.
        #[arg(long, short)]
        follow: bool,
    },
    /// Write a finished job's model into a file.
    Export {
        /// Number or id.
        job: String,
        #[arg(long, value_enum, default_value_t = ModelForm::Onnx)]
        format: ModelForm,
        /// What an ONNX file computes in; int8 is there where its loss was measured to be small [default: as it is deployed].
        #[arg(long, value_enum)]
        precision: Option<ModelPrecision>,
        /// [default: job-NUMBER.onnx here]
        #[arg(long)]
        to: Option<PathBuf>,
    },
    /// Print what a finished training was, signed by the platform: a file to check, and to train again.
    Certificate {
        /// Number or id.
        #[arg(required_unless_present_any = ["check", "key"])]
        job: Option<String>,
        /// Check a certificate instead, without a platform.
        #[arg(long, value_name = "FILE", conflicts_with = "job")]
        check: Option<PathBuf>,
        /// It must be signed with this key, which `--key` prints.
        #[arg(long, value_name = "KEY", requires = "check")]
        by: Option<String>,
        /// Print the platform's key instead.
        #[arg(long, conflicts_with_all = ["job", "check"])]
        key: bool,
    },
    /// Train again what a certificate says, and name the first epoch that differs.
    Reproduce {
        /// As `trainyard certificate` has printed it.
        file: PathBuf,
        /// Another value of a field or an option, NAME=VALUE, to see what becomes of it; again for another.
        #[arg(long = "set", value_parser = train::parse_setting)]
        settings: Vec<(String, Value)>,
    },
    /// Let a finished job's model answer at its endpoint.
    Deploy {
        /// Number or id.
        job: String,
        /// Take the endpoint down instead.
        #[arg(long)]
        withdraw: bool,
    },
    /// Ask a deployed model about images: files, or folders of them.
    Predict {
        /// Number or id of the job, or a registered model with a version or an alias, such as line3@champion.
        job: String,
        #[arg(required = true)]
        images: Vec<PathBuf>,
    },
    /// Write what a model says of images as files that labelling tools import, the images first that it is least sure of.
    Prelabel(Box<Prelabel>),
    /// Print events as they happen.
    Events {
        /// Only those of this aggregate, such as `job:7`.
        #[arg(long)]
        topic: Option<String>,
        /// Start with events after this sequence instead of now.
        #[arg(long)]
        after: Option<u64>,
        /// End after the newest instead of waiting for more.
        #[arg(long)]
        no_follow: bool,
        #[command(subcommand)]
        action: Option<EventAction>,
    },
    /// List datasets, add, show, compare, tag, archive or delete one, or check a folder here.
    Datasets {
        /// List those that are archived.
        #[arg(long)]
        archived: bool,
        #[command(subcommand)]
        action: Option<DatasetAction>,
    },
    /// Look at a folder for a worker; JSON lines on standard output.
    #[command(hide = true)]
    Inspect(trainyard_data::inspect::Inspect),
    /// Answer predict calls for a worker, until SIGTERM.
    #[command(hide = true)]
    Predictor,
    /// List the models of the catalog, those that can be trained now first.
    Models {
        #[arg(long)]
        task: Option<Task>,
        /// Everything that this runner has.
        #[arg(long)]
        runner: Option<String>,
        /// Part of a name.
        words: Option<String>,
    },
    /// Finished jobs' models under names of your own: versions, aliases that answer, and going back.
    Registry {
        /// Left out, the models are listed.
        #[command(subcommand)]
        action: Option<RegistryAction>,
    },
    /// Trainers of other frameworks on this machine, for its worker.
    Runners {
        /// Left out, those that are here are listed.
        #[command(subcommand)]
        action: Option<RunnerAction>,
    },
    /// List the workers of the fleet, or take one out of work and give it back.
    Workers {
        /// Left out, they are listed.
        #[command(subcommand)]
        action: Option<WorkerAction>,
    },
    /// Stop dispatching jobs, and go on, for operators of the platform.
    Queue {
        #[command(subcommand)]
        action: QueueAction,
    },
    /// Build the views again from the log.
    Rebuild(Rebuild),
    /// Copy what is new in the log into the artifact store, as files that name each other by hash; what ended long ago then leaves the
    /// log.
    Archive(Archive),
    /// Make an empty log into the one of the archive.
    Restore,
    /// Take out of the artifact store what nobody will need again: old checkpoints, and leftovers of dead attempts.
    Collect(Collect),
    /// Manage tokens.
    Token {
        #[command(subcommand)]
        action: TokenAction,
    },
    /// The people of the tenant: who has logged in, and who is asked to come.
    Members {
        /// Left out, those who have logged in are listed.
        #[command(subcommand)]
        action: Option<MemberAction>,
    },
    /// Make and close tenants, for operators of the platform.
    Tenants {
        /// Left out, they are listed.
        #[command(subcommand)]
        action: Option<TenantAction>,
    },
    /// What was done in the tenant, and by whom.
    Audit {
        #[command(subcommand)]
        action: AuditAction,
    },
    /// Show or set how much the tenant may run.
    Quota {
        #[command(subcommand)]
        action: QuotaAction,
    },
    /// What the scheduler would have done.
    Schedule {
        #[command(subcommand)]
        action: ScheduleAction,
    },
    /// Show or set what time on workers costs.
    Prices {
        #[command(subcommand)]
        action: PriceAction,
    },
    /// What a month has cost, by member, job and kind of worker.
    Costs {
        /// Such as 2026-11, from midnight to midnight in Seoul [default: the one that it is].
        #[arg(long)]
        month: Option<Month>,
        /// Comma-separated values for a spreadsheet, a line for each job.
        #[arg(long)]
        csv: bool,
    },
    /// Erase what people have said, with what was answered, for good.
    Erase(Erase),
    /// Have others told of what happens: by HTTP, in chats, by mail.
    Hooks {
        /// Left out, the hooks are listed.
        #[command(subcommand)]
        action: Option<HookAction>,
    },
    /// Run the gateway alone, with servers that exist already.
    Gateway,
    /// Run the projector alone, with servers that exist already.
    Projector,
    /// Run the dispatcher alone, with servers that exist already.
    Dispatcher,
    /// Run one worker alone, with servers that exist already.
    Worker,
    /// Run alone what copies the log for others to read, with servers that exist already.
    Feed,
    /// Run alone what tells the receivers of hooks, with servers that exist already.
    Webhooks,
    /// Run alone what checks the log and the files that it names, with servers that exist already.
    Auditor,
    /// Run alone what writes the archive by schedule and keeps the log small, with servers that exist already.
    Archiver,
    /// Run alone what mirrors jobs and models to MLflow, with servers that exist already.
    Mlflow,
    /// Run alone what makes traces of what happens, with servers that exist already.
    Traces,
    /// Create a tenant on an existing log and print its first token.
    Bootstrap {
        #[arg(long, default_value = crate::platform::bootstrap::LOCAL_TENANT)]
        tenant: String,
    },
    /// Make or bring up to date the streams, tables and bucket on servers that exist already.
    Provision,
    /// Print users for a NATS server's configuration: one for each role, with what it may do and a new password.
    NatsUsers {
        /// And an account into which readers of the feed log in with their tokens.
        #[arg(long)]
        readers: bool,
    },
    /// Print the configuration as it resolves here, secrets left out.
    Config,
    /// The pinned servers, libraries and demo data of this machine.
    Tools {
        /// Left out, it is said which are here.
        #[command(subcommand)]
        action: Option<ToolAction>,
    },
    /// Look at this machine, its servers and its data, and say what is wrong and what to do.
    Doctor,
    /// Print a shell completion script.
    Completion { shell: clap_complete::Shell },
}

#[derive(Debug, Subcommand)]
pub(crate) enum EventAction {
    /// List what holds an event that this version cannot read.
    Quarantine,
    /// Let what comes after an unreadable event count again, without it. It stays in the log.
    Skip {
        sequence: u64,
        /// Why it may be skipped: this stands in the log for ever.
        #[arg(long)]
        because: String,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Up {
    /// Write `{http, nats, nats_ws, postgres, s3, token}` as JSON to this file once everything serves.
    #[arg(long)]
    pub ready_file: Option<PathBuf>,
    /// Start this machine's Prometheus besides, with our rules and alerts, at this address.
    #[arg(long, env = "TRAINYARD_MONITORING", value_name = "ADDRESS", num_args = 0..=1, require_equals = true)]
    #[arg(default_missing_value = "127.0.0.1:9090")]
    pub monitoring: Option<SocketAddr>,
}

#[derive(Debug, Args)]
pub(crate) struct Rebuild {
    /// Build beside the live views and compare, changing nothing.
    #[arg(long)]
    pub verify: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Archive {
    /// Read all of it back and compare, changing nothing.
    #[arg(long)]
    pub verify: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Collect {
    /// Only say what would leave.
    #[arg(long)]
    pub dry_run: bool,
}
