//! `trainyard export`: a finished job's model as a file, in the form that other programs read.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use trainyard_api::artifacts::ArtifactList;
use trainyard_api::jobs::JobAnswer;

use crate::args::ModelForm;
use crate::cli::client::Client;
use crate::language::pick;
use crate::out;

pub(crate) async fn run(client: &Client, job: &str, form: ModelForm, to: Option<PathBuf>) -> Result<()> {
    let job = client.get::<JobAnswer>(&format!("/v1/jobs/{job}")).await?.job.clone();
    let left = client.get::<ArtifactList>(&format!("/v1/jobs/{}/artifacts", job.id)).await?;
    let has = |role: &str| left.artifacts.iter().any(|artifact| artifact.role == role);
    let to = to.unwrap_or_else(|| PathBuf::from(format!("job-{}.{}", job.number, form.ending())));
    let role = match form {
        ModelForm::Onnx if has("onnx") => "onnx",
        _ => "weights",
    };
    let content = client.bytes(&format!("/v1/jobs/{}/artifacts/{role}", job.id)).await?;
    if form == ModelForm::Onnx && role == "weights" {
        // A job of a release that left none.
        convert(&content, &to).await?;
    } else {
        write(&content, &to)?;
    }
    let bytes = std::fs::metadata(&to)?.len();
    let (name, megabytes) = (to.display(), bytes as f64 / 1e6);
    out::line(pick(
        client.language,
        format!("{name}에 저장했습니다({megabytes:.1} MB)"),
        format!("written into {name} ({megabytes:.1} MB)"),
    ));
    Ok(())
}

async fn convert(weights: &[u8], to: &Path) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let kept = folder.path().join("weights.safetensors");
    std::fs::write(&kept, weights)?;
    let to = to.to_owned();
    tokio::task::spawn_blocking(move || trainyard_onnx::export_to(&kept, &to)).await??;
    Ok(())
}

/// Beside its place, and then there.
fn write(content: &[u8], to: &Path) -> Result<()> {
    let place = to.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(place).with_context(|| place.display().to_string())?;
    std::io::Write::write_all(&mut file, content)?;
    file.persist(to)?;
    Ok(())
}
