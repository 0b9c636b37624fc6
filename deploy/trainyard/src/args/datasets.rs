//! What is asked of datasets.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueHint};
use trainyard_data::write::Format;
use trainyard_events::config::Task;

#[derive(Debug, Subcommand)]
pub(crate) enum DatasetAction {
    /// Upload a folder or an archive under a name, have one fetched, or register a folder that the workers see, and wait for
    /// what is found in it.
    Add {
        /// The name to keep it under; alone, a folder that the workers can read.
        #[arg(value_hint = ValueHint::AnyPath)]
        name: String,
        /// The folder, .zip, .tar or .tar.gz to upload, or where the workers fetch it: an archive at https://, or
        /// s3://BUCKET/PREFIX. What the platform has already is not sent again.
        path: Option<PathBuf>,
        /// The SHA-256 that the archive has to have.
        #[arg(long)]
        sha256: Option<String>,
        /// Add it as corrections of this version, such as scratches@3: images and labels that are not in it stay as they are. Then
        /// PATH may also be the one .json or .xml file that a labelling tool has exported.
        #[arg(long, value_name = "DATASET", requires = "path")]
        onto: Option<String>,
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
