//! Where the copy goes, who we are there, and how the experiments are called.

use std::fmt;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hyper::header::HeaderValue;
use trainyard_events::TenantId;
use url::Url;

/// Stands for a tenant's name in that of its experiment.
const TENANT: &str = "{tenant}";
/// The longest name of an experiment.
const EXPERIMENT_CHARS: usize = 500;

/// What mirroring needs to know beside the log.
#[derive(Clone)]
pub struct MlflowConfig {
    /// Ends with a slash; user and password stand in `login`.
    pub(crate) url: Url,
    pub(crate) login: Option<HeaderValue>,
    experiment: String,
    /// Of the store: artifacts are named `s3://BUCKET/KEY`.
    pub(crate) bucket: String,
    pub patience: Patience,
}

#[derive(Debug, thiserror::Error, PartialEq)]
pub enum ConfigError {
    /// Not the address itself: it may hold a password.
    #[error("the address of MLflow is not http(s)://[user:password@]host[:port][/path]")]
    NoAddress,
    #[error("a token and a password are too much for MLflow: give one of them")]
    TwoLogins,
    #[error("the token of MLflow has characters that no header may have")]
    OddToken,
    #[error(
        "{0:?} is no name for experiments: it needs {TENANT} in it, since each tenant has its own, and may have \
         {EXPERIMENT_CHARS} characters"
    )]
    NoTenant(String),
}

/// How long is waited.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// For what else happens, before what has happened is told.
    pub gather: Duration,
    /// Before the second try, twice as long before each that follows, and at most.
    pub first: Duration,
    pub longest: Duration,
    /// Within this long the server has done what it was asked by somebody who did not hear the answer.
    pub settle: Duration,
    /// Before what was refused is tried again.
    pub refused: Duration,
    /// Between two notes of how far the copy is.
    pub keep: Duration,
}

impl Default for Patience {
    fn default() -> Patience {
        Patience {
            gather: Duration::from_millis(500),
            first: Duration::from_secs(1),
            longest: Duration::from_secs(60),
            settle: Duration::from_secs(60),
            refused: Duration::from_secs(3_600),
            keep: Duration::from_secs(5),
        }
    }
}

impl MlflowConfig {
    /// `address` may have a user and a password in it; `token` is sent as `Bearer`.
    pub fn new(
        address: &str,
        token: Option<&str>,
        experiment: &str,
        bucket: &str,
    ) -> Result<MlflowConfig, ConfigError> {
        let mut url = Url::parse(address).map_err(|_| ConfigError::NoAddress)?;
        let is_plain = url.query().is_none() && url.fragment().is_none();
        if !matches!(url.scheme(), "http" | "https") || !url.has_host() || !is_plain {
            return Err(ConfigError::NoAddress);
        }
        let login = login(&url, token)?;
        let cut = url.set_username("").and_then(|()| url.set_password(None));
        cut.map_err(|()| ConfigError::NoAddress)?;
        if !url.path().ends_with('/') {
            url.set_path(&format!("{}/", url.path()));
        }
        if !experiment.contains(TENANT) || experiment.chars().count() > EXPERIMENT_CHARS - 32 {
            return Err(ConfigError::NoTenant(experiment.to_owned()));
        }
        let (experiment, bucket) = (experiment.to_owned(), bucket.to_owned());
        Ok(MlflowConfig { url, login, experiment, bucket, patience: Patience::default() })
    }

    /// The name of a tenant's experiment.
    pub(crate) fn experiment(&self, tenant: &TenantId) -> String {
        self.experiment.replace(TENANT, tenant.as_str())
    }
}

impl fmt::Debug for MlflowConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MlflowConfig").field("experiment", &self.experiment).finish_non_exhaustive()
    }
}

fn login(url: &Url, token: Option<&str>) -> Result<Option<HeaderValue>, ConfigError> {
    let decoded = |text: &str| urlencoded(text);
    let basic = (!url.username().is_empty()).then(|| {
        let password = decoded(url.password().unwrap_or_default());
        format!("Basic {}", STANDARD.encode(format!("{}:{password}", decoded(url.username()))))
    });
    let text = match (basic, token) {
        (Some(_), Some(_)) => return Err(ConfigError::TwoLogins),
        (basic, token) => basic.or_else(|| token.map(|token| format!("Bearer {}", token.trim()))),
    };
    let header = |text: String| {
        let mut value = HeaderValue::try_from(text).map_err(|_| ConfigError::OddToken)?;
        value.set_sensitive(true);
        Ok(value)
    };
    text.map(header).transpose()
}

/// As it was before it was put into an address.
fn urlencoded(text: &str) -> String {
    percent_encoding::percent_decode_str(text).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(address: &str, token: Option<&str>, experiment: &str) -> Result<MlflowConfig, ConfigError> {
        MlflowConfig::new(address, token, experiment, "trainyard")
    }

    #[test]
    fn an_address_is_parted_from_who_we_are() {
        let config = read("https://ml:p%40ss@mlflow.lan/tracking", None, "ml/{tenant}").expect("an address");
        assert_eq!(config.url.as_str(), "https://mlflow.lan/tracking/");
        assert_eq!(config.login.expect("a login"), "Basic bWw6cEBzcw==");
        let config = read("http://mlflow.lan:5000", Some("secret\n"), "{tenant}").expect("an address");
        assert_eq!(config.url.as_str(), "http://mlflow.lan:5000/");
        assert_eq!(config.login.as_ref().expect("a login"), "Bearer secret");
        assert!(!format!("{config:?}").contains("secret"));
        assert_eq!(config.experiment(&"acme".parse().expect("a name")), "acme");
    }

    #[test]
    fn what_cannot_be_meant_is_refused() {
        for (address, token, experiment, error) in [
            ("mlflow.lan:5000", None, "{tenant}", ConfigError::NoAddress),
            ("s3://mlflow", None, "{tenant}", ConfigError::NoAddress),
            ("http://mlflow.lan/?a=b", None, "{tenant}", ConfigError::NoAddress),
            ("http://u:p@mlflow.lan", Some("t"), "{tenant}", ConfigError::TwoLogins),
            ("http://mlflow.lan", Some("a\nb"), "{tenant}", ConfigError::OddToken),
            ("http://mlflow.lan", None, "trainyard", ConfigError::NoTenant("trainyard".to_owned())),
        ] {
            assert_eq!(read(address, token, experiment).expect_err(address), error);
        }
    }
}
