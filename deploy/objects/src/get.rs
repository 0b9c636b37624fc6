//! Objects as they are read: whole or a range, streamed from the file.

use std::io::{Seek, SeekFrom};

use s3s::dto::{
    ETag, GetObjectInput, GetObjectOutput, HeadObjectInput, HeadObjectOutput, Metadata, StreamingBlob,
};
use s3s::{S3Result, s3_error};
use tokio::fs::File;
use tokio::io::AsyncReadExt;
use tokio_util::io::ReaderStream;

use crate::condition::Condition;
use crate::error::{of, on_disk};
use crate::object::Object;
use crate::service::Objects;

/// Read at once, of each object on its way.
const CHUNK_BYTES: usize = 128 * 1024;

impl Objects {
    pub(crate) async fn get(&self, input: GetObjectInput) -> S3Result<GetObjectOutput> {
        let only = Condition { if_match: input.if_match, if_none_match: input.if_none_match };
        let folder = self.folder.clone();
        let (mut object, range) = on_disk(move || {
            let mut object = folder.find(&input.bucket, &input.key)?;
            only.allows_read(&object)?;
            let unsatisfiable = |_| s3_error!(InvalidRange, "the object has {} bytes", object.bytes);
            let range =
                input.range.map(|range| range.check(object.bytes)).transpose().map_err(unsatisfiable)?;
            let from = range.as_ref().map_or(0, |range| range.start);
            object.file.seek(SeekFrom::Start(from)).map_err(of)?;
            Ok((object, range))
        })
        .await?;
        let (whole, described) = (object.bytes, std::mem::take(&mut object.about.described));
        let sent = range.as_ref().map_or(whole, |range| range.end - range.start);
        let reader = File::from_std(object.file).take(sent);
        Ok(GetObjectOutput {
            body: Some(StreamingBlob::wrap(ReaderStream::with_capacity(reader, CHUNK_BYTES))),
            content_length: i64::try_from(sent).ok(),
            content_range: range.map(|range| format!("bytes {}-{}/{whole}", range.start, range.end - 1)),
            accept_ranges: Some("bytes".to_owned()),
            e_tag: Some(ETag::Strong(object.about.etag)),
            last_modified: Some(object.written.into()),
            content_type: input.response_content_type.or(described.content_type),
            content_encoding: input.response_content_encoding.or(described.content_encoding),
            content_language: input.response_content_language.or(described.content_language),
            content_disposition: input.response_content_disposition.or(described.content_disposition),
            cache_control: input.response_cache_control.or(described.cache_control),
            metadata: said(described.metadata),
            ..GetObjectOutput::default()
        })
    }

    pub(crate) async fn head(&self, input: HeadObjectInput) -> S3Result<HeadObjectOutput> {
        let only = Condition { if_match: input.if_match, if_none_match: input.if_none_match };
        let folder = self.folder.clone();
        let Object { bytes, about, written, .. } = on_disk(move || {
            let object = folder.find(&input.bucket, &input.key)?;
            only.allows_read(&object).map(|()| object)
        })
        .await?;
        Ok(HeadObjectOutput {
            content_length: i64::try_from(bytes).ok(),
            accept_ranges: Some("bytes".to_owned()),
            e_tag: Some(ETag::Strong(about.etag)),
            last_modified: Some(written.into()),
            content_type: about.described.content_type,
            content_encoding: about.described.content_encoding,
            content_language: about.described.content_language,
            content_disposition: about.described.content_disposition,
            cache_control: about.described.cache_control,
            metadata: said(about.described.metadata),
            ..HeadObjectOutput::default()
        })
    }
}

fn said(metadata: std::collections::BTreeMap<String, String>) -> Option<Metadata> {
    (!metadata.is_empty()).then(|| metadata.into_iter().collect())
}
