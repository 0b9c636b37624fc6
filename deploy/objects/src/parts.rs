//! Uploads in parts: begun, sent, completed or given up.

use std::fs;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use md5::{Digest, Md5};
use s3s::dto::{
    AbortMultipartUploadInput, CompleteMultipartUploadInput, CompleteMultipartUploadOutput, CompletedPart,
    CreateMultipartUploadInput, CreateMultipartUploadOutput, ETag, UploadPartInput, UploadPartOutput,
};
use s3s::{S3Error, S3Request, S3Result, s3_error};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::about::{About, Described, own_encoding};
use crate::condition::Condition;
use crate::error::{is_missing, of, on_disk};
use crate::folder::{Folder, UPLOADS, make_folder, sync};
use crate::object::Object;
use crate::receive::{Received, Said, receive};
use crate::service::Objects;

/// S3's own limits.
const PARTS_MAX: i32 = 10_000;
const PART_BYTES_MIN: u64 = 5 * 1024 * 1024;
/// In the folder of an upload, beside its parts.
pub(crate) const INTENT: &str = "intent";

/// What an upload is going to be.
#[derive(Serialize, Deserialize)]
pub(crate) struct Intent {
    pub(crate) bucket: String,
    pub(crate) key: String,
    described: Described,
}

pub(crate) fn no_upload() -> S3Error {
    s3_error!(NoSuchUpload, "there is no such upload: it was completed, or given up")
}

pub(crate) fn part_path(upload: &Path, number: i32) -> PathBuf {
    upload.join(format!("{number:05}"))
}

/// The folder of an upload to that key, and what was said when it was begun.
pub(crate) fn find(folder: &Folder, bucket: &str, key: &str, upload: &str) -> S3Result<(PathBuf, Intent)> {
    folder.bucket(bucket)?;
    // Nothing else may become a path.
    let id: Uuid = upload.parse().map_err(|_| no_upload())?;
    let path = folder.root.join(UPLOADS).join(id.to_string());
    let intent = read_intent(&path).map_err(of)?.ok_or_else(no_upload)?;
    if intent.bucket == bucket && intent.key == key { Ok((path, intent)) } else { Err(no_upload()) }
}

pub(crate) fn read_intent(upload: &Path) -> io::Result<Option<Intent>> {
    match fs::read(upload.join(INTENT)) {
        Err(error) if is_missing(&error) => Ok(None),
        read => Ok(Some(serde_json::from_slice(&read?)?)),
    }
}

impl Objects {
    pub(crate) async fn begin(
        &self,
        input: CreateMultipartUploadInput,
    ) -> S3Result<CreateMultipartUploadOutput> {
        let described = Described {
            content_type: input.content_type,
            content_encoding: own_encoding(input.content_encoding),
            content_language: input.content_language,
            content_disposition: input.content_disposition,
            cache_control: input.cache_control,
            metadata: input.metadata.into_iter().flatten().collect(),
        };
        let (upload, folder) = (Uuid::new_v4().to_string(), self.folder.clone());
        let intent = Intent { bucket: input.bucket.clone(), key: input.key.clone(), described };
        let home = folder.root.join(UPLOADS).join(&upload);
        on_disk(move || {
            folder.bucket(&intent.bucket)?;
            let (fresh, mut file) = folder.fresh().map_err(of)?;
            file.write_all(&serde_json::to_vec(&intent).map_err(S3Error::internal_error)?).map_err(of)?;
            file.sync_all().map_err(of)?;
            make_folder(&home).and_then(|()| fresh.become_file(&home, &home.join(INTENT))).map_err(of)?;
            sync(&folder.root.join(UPLOADS)).map_err(of)
        })
        .await?;
        Ok(CreateMultipartUploadOutput {
            bucket: Some(input.bucket),
            key: Some(input.key),
            upload_id: Some(upload),
            ..CreateMultipartUploadOutput::default()
        })
    }

    pub(crate) async fn part(&self, mut request: S3Request<UploadPartInput>) -> S3Result<UploadPartOutput> {
        let said = Said::by(&request, request.input.content_length);
        let body = request.input.body.take();
        let UploadPartInput { bucket, key, part_number, upload_id, .. } = request.input;
        if !(1..=PARTS_MAX).contains(&part_number) {
            return Err(s3_error!(InvalidArgument, "parts have the numbers 1 to {PARTS_MAX}"));
        }
        let (upload, _) = find(&self.folder, &bucket, &key, &upload_id)?;
        let Received { fresh, about, .. } = receive(&self.folder, body, said, About::default()).await?;
        on_disk(move || match fresh.become_file(&upload, &part_path(&upload, part_number)) {
            Err(_) if !upload.exists() => Err(no_upload()),
            put => put.map_err(of),
        })
        .await?;
        Ok(UploadPartOutput { e_tag: Some(ETag::Strong(about.etag)), ..UploadPartOutput::default() })
    }

    pub(crate) async fn complete(
        &self,
        input: CompleteMultipartUploadInput,
    ) -> S3Result<CompleteMultipartUploadOutput> {
        let folder = self.folder.clone();
        on_disk(move || {
            let about =
                complete(&folder, &input).or_else(|error| completed_before(&folder, &input).ok_or(error))?;
            Ok(CompleteMultipartUploadOutput {
                bucket: Some(input.bucket),
                key: Some(input.key),
                e_tag: Some(ETag::Strong(about.etag)),
                ..CompleteMultipartUploadOutput::default()
            })
        })
        .await
    }

    pub(crate) async fn abort(&self, input: AbortMultipartUploadInput) -> S3Result<()> {
        let folder: Arc<Folder> = self.folder.clone();
        on_disk(move || {
            let (upload, _) = find(&folder, &input.bucket, &input.key, &input.upload_id)?;
            match folder.throw_away(&upload) {
                Err(error) if is_missing(&error) => Err(no_upload()),
                thrown => thrown.map_err(of),
            }
        })
        .await
    }
}

/// Copies the parts into one file. That is done twice as well when it is asked for twice at once.
fn complete(folder: &Folder, input: &CompleteMultipartUploadInput) -> S3Result<About> {
    let (upload, intent) = find(folder, &input.bucket, &input.key, &input.upload_id)?;
    let asked = input.multipart_upload.as_ref().and_then(|it| it.parts.as_deref()).unwrap_or_default();
    if asked.is_empty() || !asked.is_sorted_by(|one, other| one.part_number < other.part_number) {
        return Err(s3_error!(InvalidPartOrder, "parts are named once each, in the order of their numbers"));
    }
    let (fresh, mut file) = folder.fresh().map_err(of)?;
    let mut hashes = Md5::new();
    for (at, part) in asked.iter().enumerate() {
        let part = open_part(&upload, part, at + 1 == asked.len())?;
        hashes.update(&part.about.etag);
        io::copy(&mut part.file.take(part.bytes), &mut file).map_err(of)?;
    }
    let etag = format!("{}-{}", hex::encode(hashes.finalize()), asked.len());
    let about = About { etag, described: intent.described, upload: Some(input.upload_id.clone()) };
    file.write_all(&about.to_bytes()).map_err(of)?;
    file.sync_all().map_err(of)?;
    let only = Condition { if_match: input.if_match.clone(), if_none_match: input.if_none_match.clone() };
    folder.put(fresh, &input.bucket, &input.key, &only)?;
    match folder.throw_away(&upload) {
        Err(error) if !is_missing(&error) => {
            tracing::warn!("the parts of a completed upload stay until they are given up: {error}");
        }
        _ => {}
    }
    Ok(about)
}

fn open_part(upload: &Path, asked: &CompletedPart, is_last: bool) -> S3Result<Object> {
    let number = asked.part_number.unwrap_or_default();
    let part = Object::find(&part_path(upload, number)).map_err(of)?;
    let is_it = |part: &Object| asked.e_tag.as_ref().is_none_or(|etag| etag.value() == part.about.etag);
    let part =
        part.filter(is_it).ok_or_else(|| s3_error!(InvalidPart, "part {number} is not there, or another"))?;
    if part.bytes < PART_BYTES_MIN && !is_last {
        return Err(s3_error!(EntityTooSmall, "part {number} is below 5 MiB, and not the last"));
    }
    Ok(part)
}

/// The answer was lost, and the client asks once more.
fn completed_before(folder: &Folder, input: &CompleteMultipartUploadInput) -> Option<About> {
    let there = folder.find(&input.bucket, &input.key).ok()?;
    (there.about.upload.as_deref() == Some(&*input.upload_id)).then_some(there.about)
}
