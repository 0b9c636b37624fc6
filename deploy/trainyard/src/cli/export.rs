//! `trainyard export`: a finished job's model as a file, in the form that other programs read.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use trainyard_api::artifacts::ArtifactList;
use trainyard_api::jobs::JobAnswer;

use crate::args::{ModelForm, ModelPrecision};
use crate::cli::client::Client;
use crate::language::pick;
use crate::out;

/// Beside `onnx`, where that computes in fewer bits.
const WHOLE: &str = "onnx_fp32";

pub(crate) async fn run(
    client: &Client,
    job: &str,
    form: ModelForm,
    precision: Option<ModelPrecision>,
    to: Option<PathBuf>,
) -> Result<()> {
    let job = client.get::<JobAnswer>(&format!("/v1/jobs/{job}")).await?.job.clone();
    let left = client.get::<ArtifactList>(&format!("/v1/jobs/{}/artifacts", job.id)).await?;
    let has = |role: &str| left.artifacts.iter().any(|artifact| artifact.role == role);
    let to = to.unwrap_or_else(|| PathBuf::from(format!("job-{}.{}", job.number, form.ending())));
    let role = match (form, precision) {
        (ModelForm::Safetensors, None) => "weights",
        (ModelForm::Safetensors, Some(_)) => bail!(pick(
            client.language,
            "`--precision`은 ONNX에만 씁니다. 빼고 다시 하세요",
            "only ONNX has a --precision: leave it out",
        )),
        (ModelForm::Onnx, Some(ModelPrecision::Int8)) if !has(WHOLE) => bail!(no_int8(client, job.number)),
        (ModelForm::Onnx, Some(ModelPrecision::Fp32)) if has(WHOLE) => WHOLE,
        (ModelForm::Onnx, _) if has("onnx") => "onnx",
        (ModelForm::Onnx, _) => "weights",
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

fn no_int8(client: &Client, number: u64) -> String {
    pick(
        client.language,
        format!(
            "작업 {number}에는 int8 모델이 없습니다. 러너로 학습할 때 `--set answers=int8`을 붙이세요. 검증 정확도가 거의 \
             줄지 않을 때만 만들어지며, 보고서의 `int8`에 잰 값이 있습니다"
        ),
        format!(
            "job {number} has no int8 model: train it by a runner with `--set answers=int8`; it is kept only where validation \
             loses little, and the report says under `int8` how much that was"
        ),
    )
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
