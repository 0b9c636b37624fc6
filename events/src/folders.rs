//! What is asked of a worker about the folders that it may read for a tenant, and what it answers. None of it is history.

use serde::{Deserialize, Serialize};

use crate::TenantId;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FolderRequest {
    pub tenant: TenantId,
    /// Left out, the folders below which the tenant's paths have to lie.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
}

/// A part of a file below a folder of the workers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileRequest {
    pub tenant: TenantId,
    /// The folder.
    pub path: String,
    /// Of the file, below it, its parts parted by `/`.
    pub name: String,
    /// Bytes before the part.
    pub offset: u64,
}

/// What is in a folder of the workers, or which there are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FolderAnswer {
    /// Without links in it; null where these are the folders that all others lie in.
    pub path: Option<String>,
    /// The folder that it lies in; null where that is one of those.
    pub parent: Option<String>,
    /// Files that look like images, in it and below.
    pub images: u32,
    /// Whether there may be more than that: no folder is counted for long.
    pub more_images: bool,
    /// By name. What lies there by chance, such as hidden folders, is none.
    pub folders: Vec<Folder>,
    /// Folders that are not listed: there are too many, or no path can be written that names them.
    pub left_out: u32,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Folder {
    pub name: String,
    pub path: String,
    pub images: u32,
    pub more_images: bool,
}

/// Why a worker does not show a folder, or a file of it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "refusal")]
pub enum FolderRefusal {
    /// Whether it is there is not told.
    #[error("{path} is not below a folder that the tenant may have read")]
    OutsideRoots { path: String },
    #[error("{path} is no folder")]
    NoFolder { path: String },
    #[error("there is no file {name}")]
    NoFile { name: String },
    #[error("{path} cannot be read: {detail}")]
    Unreadable { path: String, detail: String },
    /// Its disks do not answer.
    #[error("the worker's disks do not answer in time")]
    Busy,
}
