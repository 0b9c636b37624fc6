//! The predictor as a program of its own, for tests: the platform's own binary is one, too.

use std::path::PathBuf;

use clap::Parser;
use trainyard_predict::Settings;
use trainyard_store::StoreConfig;

#[derive(Parser)]
struct Arguments {
    #[arg(long, env = "TRAINYARD_NATS_URL", hide_env_values = true)]
    nats_url: String,
    #[arg(long, env = "TRAINYARD_S3_ENDPOINT")]
    s3_endpoint: Option<String>,
    #[arg(long, env = "TRAINYARD_S3_REGION", default_value = "us-east-1")]
    s3_region: String,
    #[arg(long, env = "TRAINYARD_S3_BUCKET", default_value = "trainyard")]
    s3_bucket: String,
    #[arg(long, env = "TRAINYARD_S3_ACCESS_KEY", hide_env_values = true)]
    s3_access_key: String,
    #[arg(long, env = "TRAINYARD_S3_SECRET_KEY", hide_env_values = true)]
    s3_secret_key: String,
    #[arg(long, env = "TRAINYARD_ONNXRUNTIME")]
    onnxruntime: PathBuf,
    #[arg(long, default_value = "predictor")]
    cache: PathBuf,
    #[arg(long, default_value_t = 0)]
    threads: usize,
}

fn main() {
    let said = Arguments::parse();
    std::process::exit(trainyard_predict::main(Settings {
        nats_url: said.nats_url,
        store: StoreConfig {
            path_style: said.s3_endpoint.is_some(),
            endpoint: said.s3_endpoint,
            region: said.s3_region,
            access_key: said.s3_access_key,
            secret_key: said.s3_secret_key,
            bucket: said.s3_bucket,
        },
        onnxruntime: said.onnxruntime,
        cache: said.cache,
        threads: said.threads,
    }));
}
