//! From where datasets may be fetched, as an operator says it.

use anyhow::{Context, Result, bail};
use serde::Serialize;
use trainyard_events::chat::Language;
use trainyard_store::StoreConfig;
use trainyard_workers::{Allowed, Sources};

use crate::language::{language, pick};
use crate::platform::settings::{Settings, without_password};

/// As it was said.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct SourceSettings {
    hosts: Vec<String>,
    buckets: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    s3: Option<SourceS3>,
}

/// The S3 that the buckets are in.
#[derive(Clone, Debug, Serialize)]
struct SourceS3 {
    /// `None`: Amazon's.
    #[serde(skip_serializing_if = "Option::is_none")]
    endpoint: Option<String>,
    region: String,
    access_key: String,
    secret_key: String,
}

impl Settings {
    pub(super) fn sources(&self, language: Language) -> Result<SourceSettings> {
        let said = |list: &Option<Vec<String>>| -> Vec<String> {
            list.iter().flatten().filter(|one| !one.is_empty()).cloned().collect()
        };
        let (hosts, buckets) = (said(&self.source_hosts), said(&self.source_buckets));
        if buckets.is_empty() {
            return Ok(SourceSettings { hosts, buckets, s3: None });
        }
        let need = |value: &Option<String>, name: &str| {
            value.clone().with_context(|| {
                pick(
                    language,
                    format!("TRAINYARD_SOURCE_BUCKETS와 함께 쓸 {name} 값이 없습니다"),
                    format!("{name} is missing: it goes with TRAINYARD_SOURCE_BUCKETS"),
                )
            })
        };
        let s3 = SourceS3 {
            endpoint: self.source_s3_endpoint.clone(),
            region: self.source_s3_region.clone().unwrap_or_else(|| "us-east-1".to_owned()),
            access_key: need(&self.source_s3_access_key, "TRAINYARD_SOURCE_S3_ACCESS_KEY")?,
            secret_key: need(&self.source_s3_secret_key, "TRAINYARD_SOURCE_S3_SECRET_KEY")?,
        };
        Ok(SourceSettings { hosts, buckets, s3: Some(s3) })
    }
}

impl SourceSettings {
    /// Fit for a screen.
    pub(super) fn hide(&mut self) {
        if let Some(s3) = &mut self.s3 {
            s3.endpoint = s3.endpoint.as_deref().map(without_password);
            s3.secret_key = "***".to_owned();
        }
    }

    /// What a worker is told; `own` is the platform's bucket, which nobody is let into so.
    pub(super) fn resolved(&self, own: &str) -> Result<Sources> {
        let hosts = hosts_of(&self.hosts, "source_hosts")?;
        let buckets: Vec<Allowed> = self.buckets.iter().map(|said| of(said)).collect::<Result<_>>()?;
        if buckets.iter().any(|bucket| bucket.what.split('/').next() == Some(own)) {
            bail!(pick(
                language(),
                format!(
                    "source_buckets의 {own}: 플랫폼 자신의 버킷입니다. 모두의 파일이 있으므로 다른 버킷을 쓰세요"
                ),
                format!(
                    "source_buckets: {own} is the platform's own bucket, with everybody's files: name another"
                ),
            ));
        }
        let s3 = self.s3.clone().map(|s3| StoreConfig {
            path_style: s3.endpoint.is_some(),
            endpoint: s3.endpoint,
            region: s3.region,
            access_key: s3.access_key,
            secret_key: s3.secret_key,
            bucket: String::new(),
        });
        Ok(Sources { hosts, buckets, s3 })
    }
}

/// What the setting of this name says of hosts.
pub(super) fn hosts_of(said: &[String], name: &str) -> Result<Vec<Allowed>> {
    let hosts: Vec<Allowed> = said.iter().map(|said| of(said)).collect::<Result<_>>()?;
    if let Some(said) = hosts.iter().find(|host| host.what.contains('/')) {
        bail!(pick(
            language(),
            format!(
                "{name}의 {}: 호스트가 아닙니다. files.example이나 files.example:8080처럼 쓰세요",
                said.what
            ),
            format!("{name}: {} is no host: say it like files.example or files.example:8080", said.what),
        ));
    }
    Ok(hosts)
}

/// `WHAT` for everybody, or `TENANT=WHAT`.
fn of(said: &str) -> Result<Allowed> {
    // What is below a bucket may have the sign in its name.
    let Some((tenant, what)) = said.split_once('=').filter(|(tenant, _)| !tenant.contains('/')) else {
        return Ok(Allowed { tenant: None, what: said.to_owned() });
    };
    let tenant = tenant.parse().with_context(|| {
        pick(
            language(),
            format!("{said}: 테넌트 이름이 아닙니다"),
            format!("{said}: this is no tenant's name"),
        )
    })?;
    Ok(Allowed { tenant: Some(tenant), what: what.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(buckets: &[&str], hosts: &[&str]) -> Settings {
        let all = |list: &[&str]| Some(list.iter().map(|one| (*one).to_owned()).collect());
        Settings {
            source_buckets: all(buckets),
            source_hosts: all(hosts),
            source_s3_access_key: Some("key".to_owned()),
            source_s3_secret_key: Some("secret".to_owned()),
            ..Settings::default()
        }
    }

    #[test]
    fn a_source_is_everybodys_or_a_tenants_and_never_the_platforms_own_bucket() {
        let resolved = |buckets: &[&str], hosts: &[&str]| {
            settings(buckets, hosts).sources(Language::English).and_then(|said| said.resolved("trainyard"))
        };
        let sources = resolved(&["photos", "acme=shared/a=b", ""], &["files.lan:8080"]).expect("well said");
        let of = |tenant: Option<&str>, what: &str| Allowed {
            tenant: tenant.map(|tenant| tenant.parse().expect("a name")),
            what: what.to_owned(),
        };
        assert_eq!(sources.buckets, [of(None, "photos"), of(Some("acme"), "shared/a=b")]);
        assert_eq!(sources.hosts, [of(None, "files.lan:8080")]);
        for own in ["trainyard", "trainyard/blobs", "acme=trainyard/x"] {
            assert!(resolved(&[own], &[]).is_err(), "{own}");
        }
        assert!(resolved(&["Not A Tenant=photos"], &[]).is_err());
        assert!(resolved(&[], &["https://files.lan/"]).is_err());
        assert!(resolved(&[], &[]).expect("nothing").s3.is_none());
        let keyless = Settings { source_s3_secret_key: None, ..settings(&["photos"], &[]) };
        let error = keyless.sources(Language::English).expect_err("half of it").to_string();
        assert!(error.contains("TRAINYARD_SOURCE_S3_SECRET_KEY"), "{error}");
    }

    #[test]
    fn what_is_shown_has_no_secret() {
        let mut said = settings(&["photos"], &[]).sources(Language::English).expect("well said");
        said.hide();
        assert!(!serde_json::to_string(&said).expect("plain data").contains("secret\""));
    }
}
