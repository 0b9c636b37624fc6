//! From where an operator lets datasets be fetched: hosts of the own network, and buckets of an S3.

use trainyard_events::TenantId;
use trainyard_fetch::Allowed;
use trainyard_store::StoreConfig;

/// Beside public addresses.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    /// `host` or `host:port`: they may be inside the operator's network, and without TLS.
    pub hosts: Vec<Allowed>,
    /// `bucket` or `bucket/prefix`.
    pub buckets: Vec<Allowed>,
    /// The S3 that the buckets are in; which of them is read says the dataset.
    pub s3: Option<StoreConfig>,
}

impl Sources {
    /// Whether the tenant may have `prefix` of `bucket` read. The platform's own bucket, where everybody's files are, is
    /// nobody's source, whatever the operator says.
    pub(crate) fn may_read(&self, tenant: &TenantId, (bucket, prefix): (&str, &str), own: &str) -> bool {
        let wanted = format!("{bucket}/{prefix}/");
        let is_below =
            |allowed: &&Allowed| wanted.starts_with(&format!("{}/", allowed.what.trim_end_matches('/')));
        bucket != own
            && self.buckets.iter().filter(|allowed| allowed.is_for(tenant)).any(|allowed| is_below(&allowed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_is_read_for_whom_it_is_allowed_and_never_the_platforms_own() {
        let (acme, globex): (TenantId, TenantId) = ("acme".parse().unwrap(), "globex".parse().unwrap());
        let allowed = |tenant: Option<&TenantId>, what: &str| Allowed {
            tenant: tenant.cloned(),
            what: what.to_owned(),
        };
        let buckets = vec![
            allowed(None, "public"),
            allowed(Some(&acme), "parts"),
            allowed(Some(&globex), "shared/globex/"),
            allowed(None, "trainyard"),
        ];
        let sources = Sources { buckets, ..Sources::default() };
        for (tenant, bucket, prefix, may) in [
            (&acme, "public", "", true),
            (&globex, "public", "a/b", true),
            (&acme, "parts", "line-3", true),
            (&globex, "parts", "line-3", false),
            (&globex, "shared", "globex", true),
            (&globex, "shared", "globex/a.zip", true),
            (&globex, "shared", "globex-2", false),
            (&globex, "shared", "", false),
            (&acme, "shared", "globex", false),
            (&acme, "publicity", "", false),
            (&acme, "trainyard", "", false),
            (&acme, "trainyard", "blobs/globex", false),
        ] {
            assert_eq!(
                sources.may_read(tenant, (bucket, prefix), "trainyard"),
                may,
                "{tenant} {bucket} {prefix}"
            );
        }
    }
}
