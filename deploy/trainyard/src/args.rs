//! What can be typed.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::builder::PossibleValuesParser;
use clap::{Args, CommandFactory, FromArgMatches, Parser, Subcommand};
use serde_json::Value;
use trainyard_data::write::Format;
use trainyard_events::chat::Language;
use trainyard_events::config::{Task, UnknownWord};
use trainyard_events::hook::Form;
use trainyard_events::tenant::Role;
use trainyard_views::JobStatus;

use crate::cli::server::Server;
use crate::platform::settings::Settings;

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
    "deploy",
    "export",
    "workers",
    "token",
    "quota",
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
        #[arg(long)]
        detect: bool,
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
    /// List jobs, newest first.
    Jobs {
        /// Only those with one of these, with commas between.
        #[arg(long, value_delimiter = ',', value_parser = PossibleValuesParser::new(JobStatus::ALL.map(JobStatus::name)))]
        status: Vec<String>,
        #[arg(long, default_value_t = 20)]
        limit: u32,
    },
    /// Show one job.
    Job {
        /// Number or id.
        job: String,
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
        /// [default: job-NUMBER.onnx here]
        #[arg(long)]
        to: Option<PathBuf>,
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
    /// List the workers of the fleet.
    Workers,
    /// Build the views again from the log.
    Rebuild(Rebuild),
    /// Copy what is new in the log into the artifact store, as files that name each other by hash.
    Archive,
    /// Make an empty log into the one of the archive.
    Restore,
    /// Take out of the artifact store what nobody will need again: old checkpoints, and leftovers of dead attempts.
    Collect(Collect),
    /// Manage tokens.
    Token {
        #[command(subcommand)]
        action: TokenAction,
    },
    /// Show or set how much the tenant may run.
    Quota {
        #[command(subcommand)]
        action: QuotaAction,
    },
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

#[derive(Debug, Subcommand)]
pub(crate) enum DatasetAction {
    /// Upload a folder or an archive under a name, have one fetched, or register a folder that the workers see, and wait for
    /// what is found in it.
    Add {
        /// The name to keep it under; alone, a folder that the workers can read.
        name: String,
        /// The folder, .zip, .tar or .tar.gz to upload, or where the workers fetch it: an archive at https://, or
        /// s3://BUCKET/PREFIX. What the platform has already is not sent again.
        path: Option<PathBuf>,
        /// The SHA-256 that the archive has to have.
        #[arg(long)]
        sha256: Option<String>,
        /// What it is wanted for. A look finds everything that it can serve.
        #[arg(long)]
        task: Option<Task>,
    },
    /// Show what was found in a registered dataset.
    Show {
        /// Its path as it was registered, or its id; its name with `@` and a number for the images of one version.
        dataset: String,
        /// Every file that something is wrong with, and what it is.
        #[arg(long)]
        problems: bool,
    },
    /// Show what is other in a version than in another of the same dataset.
    Diff {
        /// Its name with `@` and a number or a tag, such as scratches@2.
        from: String,
        to: String,
    },
    /// Have a tag name a version, as scratches@golden, whichever it named before.
    Tag {
        /// Its name, with `@` and a number for another version than the newest.
        dataset: String,
        tag: String,
    },
    /// Remove a tag.
    Untag {
        /// Its name, or its id.
        dataset: String,
        tag: String,
    },
    /// Put a dataset away: it is not listed, and no job is begun on it.
    Archive {
        /// Its name or path, or its id.
        dataset: String,
    },
    /// Take an archived dataset out again.
    Restore {
        /// Its name or path, or its id.
        dataset: String,
    },
    /// Delete a dataset, or with `@` and a number one version of it, for good.
    Delete {
        /// Its name or path, or its id.
        dataset: String,
        /// Do not ask.
        #[arg(long)]
        yes: bool,
    },
    /// Write a dataset of the store into a new folder, in a format of other tools.
    Export {
        /// Its name, with `@` and a number or a tag for another version than the newest.
        dataset: String,
        /// yolo, coco, voc or folder.
        #[arg(long, value_parser = parse_format)]
        format: Format,
        /// The folder, new or empty [default: the dataset's name].
        #[arg(long)]
        to: Option<PathBuf>,
    },
    /// Look at a folder on this machine, without a platform; fails when it cannot be trained on.
    Check(Check),
}

#[derive(Debug, Args)]
pub(crate) struct Check {
    pub path: PathBuf,
    /// What it has to serve [default: anything].
    #[arg(long)]
    pub task: Option<Task>,
    /// Write samples.jpg, a page of its images, and samples.json, their labels, into this folder.
    #[arg(long)]
    pub samples: Option<PathBuf>,
}

fn parse_format(word: &str) -> Result<Format, String> {
    match word {
        "yolo" => Ok(Format::Yolo),
        "coco" => Ok(Format::Coco),
        "voc" => Ok(Format::PascalVoc),
        "folder" => Ok(Format::ImageFolder),
        _ => Err("yolo, coco, voc or folder".to_owned()),
    }
}

#[derive(Debug, Args)]
pub(crate) struct Up {
    /// Write `{http, nats, postgres, s3, token}` as JSON to this file once everything serves.
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
pub(crate) struct Collect {
    /// Only say what would leave.
    #[arg(long)]
    pub dry_run: bool,
}

#[derive(Debug, Args, serde::Serialize)]
pub(crate) struct Train {
    /// Catalog id, such as resnet18.
    #[arg(long)]
    pub model: String,
    /// A folder that the workers can read.
    #[arg(long)]
    pub dataset: String,
    /// Comma-separated; all of the dataset's when left out.
    #[arg(long, value_delimiter = ',')]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub classes: Vec<String>,
    #[arg(long, allow_negative_numbers = true)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub epochs: Option<i64>,
    #[arg(long, allow_negative_numbers = true)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image_size: Option<i64>,
    #[arg(long, allow_negative_numbers = true)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub batch_size: Option<i64>,
    #[arg(long, allow_negative_numbers = true)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub learning_rate: Option<f64>,
    /// sgd, adam or adamw.
    #[arg(long)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub optimizer: Option<String>,
    #[arg(long)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seed: Option<u64>,
    #[arg(long)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub patience: Option<u32>,
    /// cpu, gpu or auto.
    #[arg(long)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub device: Option<String>,
    /// low, normal or high.
    #[arg(long)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub priority: Option<String>,
    /// What to start from: `pretrained`, a version of a registered model such as line3@champion, or a path, https:// or
    /// hf://owner/repository/file.
    #[arg(long)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub initial_weights: Option<String>,
    /// Who trains it, such as timm; left out, our own trainer or the runner that has the model.
    #[arg(long)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub runner: Option<String>,
    /// A setting of that runner, NAME=VALUE; again for another.
    #[arg(long = "set", value_parser = parse_setting)]
    #[serde(skip_serializing_if = "Vec::is_empty", serialize_with = "as_object", rename = "options")]
    pub settings: Vec<(String, Value)>,
    /// Follow it until it ends.
    #[arg(long)]
    #[serde(skip)]
    pub watch: bool,
}

/// `NAME=VALUE`; what is no JSON is a word.
fn parse_setting(text: &str) -> Result<(String, Value), String> {
    let (name, value) = text.split_once('=').ok_or("say NAME=VALUE")?;
    let value = serde_json::from_str(value).unwrap_or_else(|_| Value::String(value.to_owned()));
    Ok((name.to_owned(), value))
}

fn as_object<S: serde::Serializer>(settings: &[(String, Value)], to: S) -> Result<S::Ok, S::Error> {
    to.collect_map(settings.iter().map(|(name, value)| (name, value)))
}

#[derive(Debug, Subcommand)]
pub(crate) enum RegistryAction {
    /// The models that have a name.
    List,
    /// Show the versions of a model, what they measured, and who uses them.
    Show { name: String },
    /// Make a finished job's model the next version of a name.
    Register {
        /// Number or id.
        job: String,
        name: String,
    },
    /// Have an alias name a version, which is deployed if it is not. What is asked of the alias, it answers from then on.
    Promote {
        /// Such as line3@2.
        model: String,
        /// Such as champion.
        alias: String,
    },
    /// Have an alias name the version that it named before.
    Rollback {
        /// Such as line3@champion.
        alias: String,
    },
    /// Remove an alias.
    Unalias {
        /// Such as line3@champion.
        alias: String,
    },
    /// Put a version away: no alias can name it.
    Archive {
        /// Such as line3@2.
        model: String,
    },
    /// Take an archived version out again.
    Restore {
        /// Such as line3@2.
        model: String,
    },
    /// Show what two deployed versions answer to the same images, where they differ, and what they measured.
    Compare {
        /// Such as line3@1.
        first: String,
        second: String,
        /// Files, or folders of them.
        #[arg(long, required = true, num_args = 1..)]
        images: Vec<PathBuf>,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum RunnerAction {
    /// Those that are here.
    List,
    /// Make the environment of a framework, from its lock, and keep it for the worker.
    Install(InstallRunner),
    /// Keep a trainer of your own: the command that speaks the protocol (docs/trainers.md).
    Add {
        #[arg(required = true, trailing_var_arg = true, allow_hyphen_values = true)]
        command: Vec<String>,
    },
    /// Try everything that a worker relies on: of a runner that is here, or of a command.
    Check {
        /// The model to try it with [default: the smallest].
        #[arg(long)]
        model: Option<String>,
        #[arg(required = true, trailing_var_arg = true, allow_hyphen_values = true)]
        command: Vec<String>,
    },
    /// Take a runner off this machine.
    Remove { name: String },
}

/// The forms of a model's file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum ModelForm {
    Onnx,
    Safetensors,
}

impl ModelForm {
    /// Of a file's name.
    pub(crate) fn ending(self) -> &'static str {
        match self {
            ModelForm::Onnx => "onnx",
            ModelForm::Safetensors => "safetensors",
        }
    }
}

#[derive(Debug, Args)]
pub(crate) struct InstallRunner {
    pub name: String,
    /// Your yes to its licence, by its name, where it asks for one.
    #[arg(long)]
    pub accept_licence: Option<String>,
    /// Only from what has been fetched before.
    #[arg(long)]
    pub offline: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum TokenAction {
    List,
    /// Make a token; it is shown once.
    Create {
        name: String,
        /// viewer, editor or admin.
        #[arg(long, default_value = "editor", value_parser = parse_role)]
        role: Role,
        /// It opens nothing after so long, such as 12h, 90d or 52w [default: it lives until it is revoked].
        #[arg(long, value_parser = parse_span)]
        expires: Option<time::Duration>,
    },
    Revoke {
        id: String,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum HookAction {
    /// Have somebody told; the secret that signs is shown once.
    ///
    /// trainyard hooks add https://hooks.example/trainyard --on 'job.*'
    /// trainyard hooks add https://hooks.slack.com/services/T0/B0/x --form slack
    /// trainyard hooks add --mail team@firma.kr --on job.finished,job.failed
    #[command(verbatim_doc_comment)]
    Add {
        #[command(flatten)]
        to: HookAddress,
        /// json (a CloudEvent), slack, discord, teams or kakaowork [default: json].
        #[arg(long, value_parser = parse_form, conflicts_with = "mail")]
        form: Option<Form>,
        /// Kinds of events such as job.finished, and families such as job.* [default: job.finished,job.failed].
        #[arg(long, value_delimiter = ',')]
        on: Vec<String>,
        /// Of the sentences: korean or english [default: this terminal's].
        #[arg(long, value_parser = parse_language)]
        language: Option<Language>,
    },
    /// List the hooks, and how far each is.
    List,
    /// Change what a hook is for, or where it leads.
    Change {
        /// Its id, or as much of it as is its own.
        hook: String,
        /// Where events are posted to from then on.
        #[arg(long)]
        to: Option<String>,
        /// Who gets letters from then on.
        #[arg(long, conflicts_with = "to")]
        mail: Option<String>,
        /// Instead of all that it is for.
        #[arg(long, value_delimiter = ',')]
        on: Vec<String>,
        #[arg(long, value_parser = parse_language)]
        language: Option<Language>,
    },
    /// Send a hook one event that says so, and say what becomes of it.
    Test {
        /// Its id, or as much of it as is its own.
        hook: String,
    },
    /// Send again what was given up; a hook that is paused goes on.
    Replay {
        /// Its id, or as much of it as is its own.
        hook: String,
    },
    /// Remove a hook, and what waits for it.
    Remove {
        /// Its id, or as much of it as is its own.
        hook: String,
    },
}

#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub(crate) struct HookAddress {
    /// Where events are posted to: https://host/path.
    pub address: Option<String>,
    /// Who gets letters: name@host, up to 8 of them with commas between.
    #[arg(long)]
    pub mail: Option<String>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum QuotaAction {
    /// The limits, and how much of them is used.
    Show,
    /// Change the limits that are named; what runs goes on.
    Set {
        /// Jobs that run at once or are on the work queue: a number, or none.
        #[arg(long)]
        concurrent_jobs: Option<Limit>,
        /// Hours on the GPU pool, counted since there is a quota: a number, or none.
        #[arg(long)]
        gpu_hours: Option<Limit>,
        /// Bytes of the files of its datasets in the store: a number, or none.
        #[arg(long)]
        dataset_bytes: Option<Limit<u64>>,
    },
}

/// A number, or `none`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Limit<N = u32>(pub(crate) Option<N>);

impl<N: std::str::FromStr> std::str::FromStr for Limit<N> {
    type Err = String;

    fn from_str(word: &str) -> Result<Limit<N>, String> {
        match word {
            "none" => Ok(Limit(None)),
            number => {
                number.parse().map(|most| Limit(Some(most))).map_err(|_| "say a number, or none".to_owned())
            }
        }
    }
}

/// Clap names the values that it does not take; which there are is for us to say.
fn parse_role(word: &str) -> Result<Role, UnknownWord> {
    word.parse()
}

fn parse_form(word: &str) -> Result<Form, UnknownWord> {
    word.parse()
}

fn parse_language(word: &str) -> Result<Language, UnknownWord> {
    match word {
        "korean" | "ko" => Ok(Language::Korean),
        "english" | "en" => Ok(Language::English),
        _ => Err(UnknownWord { word: word.to_owned(), choices: "korean, english".to_owned() }),
    }
}

/// A number and its unit: minutes, hours, days or weeks.
fn parse_span(text: &str) -> Result<time::Duration, String> {
    let bad = || format!("{text:?} is no span of time: write it like 12h, 90d or 52w");
    let (number, unit) = text.split_at_checked(text.len().saturating_sub(1)).ok_or_else(bad)?;
    let number: u32 = number.parse().map_err(|_| bad())?;
    let unit = match unit {
        "m" => time::Duration::MINUTE,
        "h" => time::Duration::HOUR,
        "d" => time::Duration::DAY,
        "w" => time::Duration::WEEK,
        _ => return Err(bad()),
    };
    unit.checked_mul(i32::try_from(number).map_err(|_| bad())?)
        .filter(|span| span.is_positive())
        .ok_or_else(bad)
}

#[cfg(test)]
mod tests {
    use time::Duration;

    use super::parse_span;

    #[test]
    fn a_span_is_a_number_and_its_unit() {
        for (text, span) in
            [("90d", Duration::days(90)), ("12h", Duration::hours(12)), ("5m", Duration::minutes(5))]
        {
            assert_eq!(parse_span(text), Ok(span));
        }
        for bad in ["", "d", "90", "-1d", "0d", "1.5h", "90 d", "1y", "99999999999w", "하루"] {
            assert!(parse_span(bad).is_err(), "{bad}");
        }
    }
}
