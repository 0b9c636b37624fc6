//! Buckets: a folder each.

use std::fs;
use std::io;

use s3s::dto::{Bucket, CreateBucketInput, DeleteBucketInput, ListBucketsOutput};
use s3s::{S3Result, s3_error};

use crate::error::of;
use crate::folder::{make_folder, sync};
use crate::service::Objects;

impl Objects {
    pub(crate) fn create_bucket(&self, input: &CreateBucketInput) -> S3Result<()> {
        match make_folder(&self.folder.root.join(&input.bucket)) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                Err(s3_error!(BucketAlreadyOwnedByYou, "this bucket is yours already"))
            }
            made => made.and_then(|()| sync(&self.folder.root)).map_err(of),
        }
    }

    pub(crate) fn delete_bucket(&self, input: &DeleteBucketInput) -> S3Result<()> {
        match fs::remove_dir(self.folder.bucket(&input.bucket)?) {
            Err(error) if error.kind() == io::ErrorKind::DirectoryNotEmpty => {
                Err(s3_error!(BucketNotEmpty, "there are objects in this bucket"))
            }
            removed => removed.and_then(|()| sync(&self.folder.root)).map_err(of),
        }
    }

    pub(crate) fn list_buckets(&self) -> S3Result<ListBucketsOutput> {
        let entries = fs::read_dir(&self.folder.root).map_err(of)?;
        let mut buckets: Vec<Bucket> = entries
            .flatten()
            .filter_map(|entry| {
                let name = entry.file_name().into_string().ok()?;
                let status = entry.metadata().ok().filter(fs::Metadata::is_dir)?;
                let made = status.created().or_else(|_| status.modified()).ok();
                (!name.starts_with('.')).then(|| Bucket {
                    creation_date: made.map(Into::into),
                    name: Some(name),
                    bucket_region: None,
                })
            })
            .collect();
        buckets.sort_by(|one, other| one.name.cmp(&other.name));
        Ok(ListBucketsOutput { buckets: Some(buckets), ..ListBucketsOutput::default() })
    }
}
