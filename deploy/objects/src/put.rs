//! Objects come whole in one request, and go.

use s3s::dto::{
    DeleteObjectInput, DeleteObjectsInput, DeleteObjectsOutput, DeletedObject, ETag, Error, PutObjectInput,
    PutObjectOutput,
};
use s3s::{S3Request, S3Result};

use crate::about::{About, Described, own_encoding};
use crate::condition::Condition;
use crate::error::on_disk;
use crate::receive::{Received, Said, receive};
use crate::service::Objects;

impl Objects {
    pub(crate) async fn put(&self, mut request: S3Request<PutObjectInput>) -> S3Result<PutObjectOutput> {
        let said = Said::by(&request, request.input.content_length);
        let body = request.input.body.take();
        let input = request.input;
        let only = Condition { if_match: input.if_match, if_none_match: input.if_none_match };
        self.folder.bucket(&input.bucket)?;
        let described = Described {
            content_type: input.content_type,
            content_encoding: own_encoding(input.content_encoding),
            content_language: input.content_language,
            content_disposition: input.content_disposition,
            cache_control: input.cache_control,
            metadata: input.metadata.into_iter().flatten().collect(),
        };
        let about = About { described, ..About::default() };
        let Received { fresh, about, checksum } = receive(&self.folder, body, said, about).await?;
        let folder = self.folder.clone();
        on_disk(move || folder.put(fresh, &input.bucket, &input.key, &only)).await?;
        Ok(PutObjectOutput {
            e_tag: Some(ETag::Strong(about.etag)),
            checksum_crc32: checksum.checksum_crc32,
            checksum_crc32c: checksum.checksum_crc32c,
            checksum_crc64nvme: checksum.checksum_crc64nvme,
            checksum_sha1: checksum.checksum_sha1,
            checksum_sha256: checksum.checksum_sha256,
            ..PutObjectOutput::default()
        })
    }

    /// One that is not there is gone already.
    pub(crate) async fn delete(&self, input: DeleteObjectInput) -> S3Result<()> {
        let only = Condition { if_match: input.if_match, if_none_match: None };
        let folder = self.folder.clone();
        on_disk(move || folder.delete(&input.bucket, &input.key, &only)).await.map(drop)
    }

    pub(crate) async fn delete_all(&self, input: DeleteObjectsInput) -> S3Result<DeleteObjectsOutput> {
        let folder = self.folder.clone();
        on_disk(move || {
            folder.bucket(&input.bucket)?;
            let quiet = input.delete.quiet == Some(true);
            let (mut deleted, mut errors) = (Vec::new(), Vec::new());
            for object in input.delete.objects {
                let key = Some(object.key.clone());
                match folder.delete(&input.bucket, &object.key, &Condition::default()) {
                    Ok(_) => deleted.push(DeletedObject { key, ..DeletedObject::default() }),
                    Err(error) => errors.push(Error {
                        code: Some(error.code().as_str().to_owned()),
                        message: error.message().map(str::to_owned),
                        key,
                        version_id: None,
                    }),
                }
            }
            Ok(DeleteObjectsOutput {
                deleted: (!quiet).then_some(deleted),
                errors: Some(errors).filter(|errors| !errors.is_empty()),
                request_charged: None,
            })
        })
        .await
    }
}
