//! An object becomes another one without leaving the store.

use std::io::{self, Read, Write};

use s3s::dto::{CopyObjectInput, CopyObjectOutput, CopyObjectResult, CopySource, ETag, MetadataDirective};
use s3s::{S3Result, s3_error};

use crate::about::{About, Described, own_encoding};
use crate::condition::Condition;
use crate::error::{of, on_disk};
use crate::service::Objects;

impl Objects {
    pub(crate) async fn copy(&self, input: CopyObjectInput) -> S3Result<CopyObjectOutput> {
        let folder = self.folder.clone();
        on_disk(move || {
            let CopySource::Bucket { bucket, key, version_id: None } = &input.copy_source else {
                return Err(s3_error!(NotImplemented, "what is copied is named BUCKET/KEY"));
            };
            let from = folder.find(bucket, key)?;
            let only = Condition {
                if_match: input.copy_source_if_match,
                if_none_match: input.copy_source_if_none_match,
            };
            only.allows_read(&from)?;
            let replaces =
                input.metadata_directive.is_some_and(|said| said.as_str() == MetadataDirective::REPLACE);
            let described = if replaces {
                Described {
                    content_type: input.content_type,
                    content_encoding: own_encoding(input.content_encoding),
                    content_language: input.content_language,
                    content_disposition: input.content_disposition,
                    cache_control: input.cache_control,
                    metadata: input.metadata.into_iter().flatten().collect(),
                }
            } else {
                from.about.described
            };
            let about = About { etag: from.about.etag, described, upload: None };
            let (fresh, mut file) = folder.fresh().map_err(of)?;
            io::copy(&mut from.file.take(from.bytes), &mut file).map_err(of)?;
            file.write_all(&about.to_bytes()).map_err(of)?;
            file.sync_all().map_err(of)?;
            let written = file.metadata().and_then(|status| status.modified()).map_err(of)?;
            folder.put(fresh, &input.bucket, &input.key, &Condition::default())?;
            let result = CopyObjectResult {
                e_tag: Some(ETag::Strong(about.etag)),
                last_modified: Some(written.into()),
                ..CopyObjectResult::default()
            };
            Ok(CopyObjectOutput { copy_object_result: Some(result), ..CopyObjectOutput::default() })
        })
        .await
    }
}
