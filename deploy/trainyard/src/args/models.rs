//! What is asked of models with a name, of their files, and of who trains them.

use std::path::PathBuf;

use clap::{Args, Subcommand};

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
    /// Keep a share of the images that a model is asked about by its name, for people to review.
    Sample {
        name: String,
        /// Per cent of them, such as 5 or 0.5; 0 keeps none.
        percent: f64,
    },
    /// Show the images that were kept, with what the model answered.
    Samples {
        name: String,
        /// Write them into this folder, new or empty, for `--images` of `trainyard prelabel`.
        #[arg(long)]
        to: Option<PathBuf>,
        /// Delete them all.
        #[arg(long, conflicts_with = "to")]
        delete: bool,
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
    /// Write a trainer of your own into a new folder, one that passes `check` as it is.
    New(NewRunner),
    /// Keep a trainer of your own: its folder, or the command that speaks the protocol (docs/trainers.md).
    Add {
        #[arg(required = true, trailing_var_arg = true, allow_hyphen_values = true)]
        command: Vec<String>,
    },
    /// Try everything that a worker relies on: of a runner that is here, of a folder, or of a command.
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

/// What a model's ONNX file computes in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum ModelPrecision {
    Fp32,
    Int8,
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

#[derive(Debug, Args)]
pub(crate) struct NewRunner {
    /// The folder to make.
    pub folder: PathBuf,
    /// What configurations call it: a-z, 0-9 and - [default: as the folder].
    #[arg(long)]
    pub name: Option<String>,
    #[arg(long, value_enum, default_value_t = NewTask::Classify)]
    pub task: NewTask,
    /// The runner whose Python and packages it runs in.
    #[arg(long, default_value = "torchvision")]
    pub environment: String,
}

/// What a new trainer learns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum NewTask {
    Classify,
    Detect,
    Segment,
}
