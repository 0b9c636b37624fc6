//! Artifacts in an S3 bucket, by job and by content hash. The only home of aws-sdk-s3.

mod download;
mod error;
mod key;
mod listing;
mod ping;
mod upload;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use aws_sdk_s3::Client;
use aws_sdk_s3::config::retry::RetryConfig;
use aws_sdk_s3::config::timeout::TimeoutConfig;
use aws_sdk_s3::config::{
    BehaviorVersion, Credentials, Region, RequestChecksumCalculation, ResponseChecksumValidation,
    SharedHttpClient,
};
use aws_sdk_s3::error::ProvideErrorMetadata;
use aws_sdk_s3::presigning::PresigningConfig;
use aws_sdk_s3::types::{BucketLocationConstraint, CreateBucketConfiguration};
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};

pub use download::Seen;
pub use error::StoreError;
pub use key::{blob_key, blobs_of, dataset_key, job_key, manifest_key, sample_key, samples_of};
pub use listing::{Listed, Page, Unfinished};
pub use upload::Stored;

use error::refused;
use ping::Readiness;

/// One try of one request, up to its answer; an upload sends at most [`upload::PART_BYTES_MAX`] in it.
const TRY_TIMEOUT: Duration = Duration::from_secs(60);
/// Tries of one request before the caller hears of it.
const TRIES: u32 = 3;
/// A signed address is good for at most this long: S3's own limit.
pub const PRESIGNED_MAX: Duration = Duration::from_secs(7 * 24 * 3_600);
/// The region whose name may not be said when a bucket is made.
const DEFAULT_REGION: &str = "us-east-1";

/// Where the bucket is and who we are there.
#[derive(Clone)]
pub struct StoreConfig {
    /// `http://host:port` or `https://...`; `None` is Amazon's own in `region`.
    pub endpoint: Option<String>,
    pub region: String,
    pub access_key: String,
    pub secret_key: String,
    pub bucket: String,
    /// The bucket is in the path and not in the host name: everywhere but at Amazon's.
    pub path_style: bool,
}

impl fmt::Debug for StoreConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoreConfig")
            .field("endpoint", &self.endpoint)
            .field("region", &self.region)
            .field("bucket", &self.bucket)
            .field("path_style", &self.path_style)
            .field("keys", &"(not shown)")
            .finish()
    }
}

/// One bucket. Clones share its connections.
#[derive(Clone)]
pub struct Store {
    client: Client,
    bucket: String,
    region: String,
    readiness: Arc<Readiness>,
}

impl Store {
    /// Checks the configuration and makes the client. No server is asked: that is what [`Store::ping`] is for.
    pub async fn connect(config: StoreConfig) -> Result<Store, StoreError> {
        let endpoint = config.endpoint.as_deref();
        if endpoint.is_some_and(|url| !url.starts_with("http://") && !url.starts_with("https://")) {
            return Err(StoreError::Config(
                "the S3 endpoint is not http://host:port or https://host".to_owned(),
            ));
        }
        for (what, value) in
            [("region", &config.region), ("bucket", &config.bucket), ("access key", &config.access_key)]
        {
            if value.is_empty() {
                return Err(StoreError::Config(format!("the S3 {what} is empty")));
            }
        }
        let keys = Credentials::new(config.access_key, config.secret_key, None, None, "trainyard");
        let mut settings = aws_sdk_s3::Config::builder()
            .behavior_version(BehaviorVersion::v2026_01_12())
            .region(Region::new(config.region.clone()))
            .credentials_provider(keys)
            .force_path_style(config.path_style)
            .http_client(http_client(endpoint))
            // What we send is signed with its hash; trailing checksums are not understood by every S3.
            .request_checksum_calculation(RequestChecksumCalculation::WhenRequired)
            .response_checksum_validation(ResponseChecksumValidation::WhenRequired)
            .retry_config(RetryConfig::standard().with_max_attempts(TRIES))
            .timeout_config(TimeoutConfig::builder().operation_attempt_timeout(TRY_TIMEOUT).build());
        settings.set_endpoint_url(config.endpoint);
        Ok(Store {
            client: Client::from_conf(settings.build()),
            bucket: config.bucket,
            region: config.region,
            readiness: Arc::default(),
        })
    }

    /// The bucket's name.
    pub fn bucket(&self) -> &str {
        &self.bucket
    }

    /// Makes the bucket where it is not there yet. Any number of processes may do so at once.
    pub async fn ensure_bucket(&self) -> Result<(), StoreError> {
        match self.client.head_bucket().bucket(&self.bucket).send().await {
            Ok(_) => return Ok(()),
            Err(error) if error.as_service_error().is_some_and(|error| error.is_not_found()) => {}
            Err(error) => return Err(refused(&self.bucket, error)),
        }
        let place = (self.region != DEFAULT_REGION).then(|| {
            let region = BucketLocationConstraint::from(self.region.as_str());
            CreateBucketConfiguration::builder().location_constraint(region).build()
        });
        let made = self
            .client
            .create_bucket()
            .bucket(&self.bucket)
            .set_create_bucket_configuration(place)
            .send()
            .await;
        match made {
            Ok(_) => Ok(()),
            // Somebody was faster. If it is not ours, the first use of it says so.
            Err(error) if matches!(error.code(), Some("BucketAlreadyOwnedByYou" | "BucketAlreadyExists")) => {
                Ok(())
            }
            Err(error) => Err(refused(&self.bucket, error)),
        }
    }

    /// An address from which anybody can read the object for a while, [`PRESIGNED_MAX`] at most.
    pub async fn presign_get(&self, key: &str, valid_for: Duration) -> Result<String, StoreError> {
        let valid_for = PresigningConfig::expires_in(valid_for.min(PRESIGNED_MAX))
            .map_err(|error| StoreError::Config(error.to_string()))?;
        let signed = self.client.get_object().bucket(&self.bucket).key(key).presigned(valid_for).await;
        signed.map(|request| request.uri().to_owned()).map_err(|error| refused(key, error))
    }
}

/// Roots of trust are read only where they are needed, so a machine without any can still use plain HTTP.
fn http_client(endpoint: Option<&str>) -> SharedHttpClient {
    let builder = aws_smithy_http_client::Builder::new();
    match endpoint {
        Some(url) if url.starts_with("http://") => builder.build_http(),
        _ => builder.tls_provider(Provider::Rustls(CryptoMode::Ring)).build_https(),
    }
}
