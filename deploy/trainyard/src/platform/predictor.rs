//! The predictor that a worker keeps: this binary again, with another runtime than the roles.

use std::path::PathBuf;
use std::process::ExitCode;

use trainyard_store::StoreConfig;

use super::settings::Settings;

/// Below the folder that the worker starts it in.
const CACHE: &str = "predictor";

/// Answers until SIGTERM. A worker says where everything is; what it does not say cannot be reached.
pub(crate) fn run(said: &Settings) -> ExitCode {
    let text = |said: &Option<String>, unless: &str| said.clone().unwrap_or_else(|| unless.to_owned());
    let code = trainyard_predict::main(trainyard_predict::Settings {
        nats_url: text(&said.nats_url, ""),
        store: StoreConfig {
            path_style: said.s3_endpoint.is_some(),
            endpoint: said.s3_endpoint.clone(),
            region: text(&said.s3_region, "us-east-1"),
            access_key: text(&said.s3_access_key, ""),
            secret_key: text(&said.s3_secret_key, ""),
            bucket: text(&said.s3_bucket, "trainyard"),
        },
        onnxruntime: said.onnxruntime(),
        cache: PathBuf::from(CACHE),
        threads: 0,
    });
    ExitCode::from(u8::try_from(code).unwrap_or(1))
}
