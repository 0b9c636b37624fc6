//! What is asked of a model for a labelling tool.

use std::path::PathBuf;

use clap::Args;
use trainyard_data::prelabel::Tool;

#[derive(Debug, Args)]
pub(crate) struct Prelabel {
    /// A dataset of the store, with `@` and a number or a tag for another version than the newest.
    #[arg(required_unless_present = "images", conflicts_with = "images")]
    pub dataset: Option<String>,
    /// A folder of images here, instead of a dataset.
    #[arg(long)]
    pub images: Option<PathBuf>,
    /// Number or id of a job whose model is deployed, or a registered model with a version or an alias, such as line3@champion.
    #[arg(long)]
    pub with: String,
    /// label-studio or cvat.
    #[arg(long, value_parser = parse_tool)]
    pub format: Tool,
    /// The folder, new or empty.
    #[arg(long)]
    pub to: PathBuf,
    /// Only so many images, those that the model is least sure of.
    #[arg(long, value_name = "COUNT")]
    pub worst: Option<usize>,
    /// Only images of the dataset that have no label.
    #[arg(long, conflicts_with = "images")]
    pub unlabelled: bool,
    /// Leave out objects that the model is less sure of, from 0 to 1 [default: all that it tells, 0.25].
    #[arg(long)]
    pub confidence: Option<f64>,
    /// By what Label Studio finds an image, before its name [default: as a local file below the folder].
    #[arg(long)]
    pub image_url: Option<String>,
}

fn parse_tool(word: &str) -> Result<Tool, String> {
    match word {
        "label-studio" => Ok(Tool::LabelStudio),
        "cvat" => Ok(Tool::Cvat),
        _ => Err("label-studio or cvat".to_owned()),
    }
}
