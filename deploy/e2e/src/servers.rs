//! Servers that stand by themselves, as platforms and roles are told of them.

use trainyard_local::{S3Access, Urls};

/// The settings of who uses them.
pub fn environment(urls: &Urls) -> [(&'static str, &str); 7] {
    with(&urls.nats, &urls.postgres, &urls.s3)
}

/// The same of servers that are not of one platform.
pub fn with<'u>(nats: &'u str, database: &'u str, s3: &'u S3Access) -> [(&'static str, &'u str); 7] {
    [
        ("TRAINYARD_NATS_URL", nats),
        ("TRAINYARD_DATABASE_URL", database),
        ("TRAINYARD_S3_ENDPOINT", &s3.endpoint),
        ("TRAINYARD_S3_REGION", &s3.region),
        ("TRAINYARD_S3_BUCKET", &s3.bucket),
        ("TRAINYARD_S3_ACCESS_KEY", &s3.access_key),
        ("TRAINYARD_S3_SECRET_KEY", &s3.secret_key),
    ]
}
