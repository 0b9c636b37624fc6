//! What stands in the path of a request. What is no id names nothing: that is for the handlers to say.

use serde::Deserialize;

#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ById {
    #[cfg_attr(feature = "schema", schemars(with = "uuid::Uuid"))]
    pub id: String,
}

/// A job by its id, or by the number that people call it.
#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct OfJob {
    #[cfg_attr(feature = "schema", schemars(extend("pattern" = JOB, "examples" = ["1"])))]
    pub id: String,
}

/// Who speaks, by the name of the token.
#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct OfMember {
    #[cfg_attr(feature = "schema", schemars(length(min = 1), extend("examples" = ["laptop"])))]
    pub name: String,
}

/// A worker by its name.
#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct OfWorker {
    #[cfg_attr(feature = "schema", schemars(length(min = 1), extend("examples" = ["gpu-3"])))]
    pub worker: String,
}

/// The same, at the endpoint of its model.
#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct OfEndpoint {
    #[cfg_attr(feature = "schema", schemars(extend("pattern" = JOB, "examples" = ["1"])))]
    pub job_id: String,
}

#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct OfJobArtifact {
    #[cfg_attr(feature = "schema", schemars(extend("pattern" = JOB, "examples" = ["1"])))]
    pub id: String,
    #[cfg_attr(feature = "schema", schemars(length(min = 1), extend("examples" = ["weights"])))]
    pub role: String,
}

#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct OfDatasetArtifact {
    #[cfg_attr(feature = "schema", schemars(with = "uuid::Uuid"))]
    pub id: String,
    #[cfg_attr(feature = "schema", schemars(length(min = 1), extend("examples" = ["sample_images"])))]
    pub role: String,
}

/// One version of a dataset.
#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct OfVersion {
    #[cfg_attr(feature = "schema", schemars(with = "uuid::Uuid"))]
    pub id: String,
    #[cfg_attr(feature = "schema", schemars(with = "std::num::NonZeroU32"))]
    pub number: String,
}

/// An image of a version, by its content.
#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct OfVersionImage {
    #[cfg_attr(feature = "schema", schemars(with = "uuid::Uuid"))]
    pub id: String,
    #[cfg_attr(feature = "schema", schemars(with = "std::num::NonZeroU32"))]
    pub number: String,
    #[cfg_attr(feature = "schema", schemars(regex(pattern = "^[0-9a-f]{64}$")))]
    pub sha256: String,
}

/// A tag of a dataset.
#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct OfTag {
    #[cfg_attr(feature = "schema", schemars(with = "uuid::Uuid"))]
    pub id: String,
    #[cfg_attr(feature = "schema", schemars(length(min = 1), extend("examples" = ["golden"])))]
    pub tag: String,
}

/// A file by its content.
#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ByHash {
    #[cfg_attr(feature = "schema", schemars(regex(pattern = "^[0-9a-f]{64}$")))]
    pub sha256: String,
}

/// A model by its id in the catalog.
#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct OfModel {
    #[cfg_attr(feature = "schema", schemars(length(min = 1), extend("examples" = ["resnet18"])))]
    pub id: String,
}

/// A model that people have named.
#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct OfModelName {
    #[cfg_attr(feature = "schema", schemars(length(min = 1), extend("examples" = ["line3"])))]
    pub name: String,
}

/// A version of it.
#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct OfModelVersion {
    #[cfg_attr(feature = "schema", schemars(length(min = 1), extend("examples" = ["line3"])))]
    pub name: String,
    #[cfg_attr(feature = "schema", schemars(with = "std::num::NonZeroU32"))]
    pub number: String,
}

/// An alias of it.
#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct OfModelAlias {
    #[cfg_attr(feature = "schema", schemars(length(min = 1), extend("examples" = ["line3"])))]
    pub name: String,
    #[cfg_attr(feature = "schema", schemars(length(min = 1), extend("examples" = ["champion"])))]
    pub alias: String,
}

/// An image that it was asked about.
#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct OfSample {
    #[cfg_attr(feature = "schema", schemars(length(min = 1), extend("examples" = ["line3"])))]
    pub name: String,
    #[cfg_attr(feature = "schema", schemars(regex(pattern = "^[0-9a-f]{64}$")))]
    pub sha256: String,
}

/// A version or an alias of it, written behind its name: `line3@2`, `line3@champion`.
#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct OfModelPick {
    #[cfg_attr(feature = "schema", schemars(length(min = 3), extend("examples" = ["line3@champion"])))]
    pub id: String,
}

/// An event by its place in the log.
#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct OfEvent {
    #[cfg_attr(feature = "schema", schemars(with = "std::num::NonZeroU64"))]
    pub sequence: String,
}

#[cfg(feature = "schema")]
pub(crate) const JOB: &str =
    "^([1-9][0-9]{0,18}|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})$";

#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct OfTenant {
    #[cfg_attr(feature = "schema", schemars(with = "trainyard_events::TenantId"))]
    pub tenant: String,
}
