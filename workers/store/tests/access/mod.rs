//! How a store of the tests is come at.

use trainyard_local::S3Access;
use trainyard_store::StoreConfig;

pub(crate) fn config(access: S3Access) -> StoreConfig {
    StoreConfig {
        endpoint: Some(access.endpoint),
        region: access.region,
        access_key: access.access_key,
        secret_key: access.secret_key,
        bucket: access.bucket,
        path_style: true,
    }
}
