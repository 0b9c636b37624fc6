//! What of uploads in parts is there: which have been begun, and which parts of one have come.

use std::fs;
use std::time::SystemTime;

use s3s::S3Result;
use s3s::dto::{
    ETag, ListMultipartUploadsInput, ListMultipartUploadsOutput, ListPartsInput, ListPartsOutput,
    MultipartUpload, Part,
};

use crate::error::{of, on_disk};
use crate::folder::{Folder, UPLOADS};
use crate::object::Object;
use crate::parts::{INTENT, find, read_intent};
use crate::service::Objects;

const LISTED_MAX: usize = 1_000;

/// Where an upload is listed: by key, and of one key by id.
type Place = (String, String);

impl Objects {
    pub(crate) async fn list_uploads(
        &self,
        input: ListMultipartUploadsInput,
    ) -> S3Result<ListMultipartUploadsOutput> {
        let folder = self.folder.clone();
        on_disk(move || {
            let most = limit(input.max_uploads);
            let after: Place = (
                input.key_marker.clone().unwrap_or_default(),
                // Without an id, all uploads of that key are behind us.
                input.upload_id_marker.clone().unwrap_or_else(|| char::MAX.to_string()),
            );
            let mut begun = begun(&folder, &input, &after)?;
            let is_truncated = begun.len() > most;
            begun.truncate(most);
            let last = begun.last().filter(|_| is_truncated).map(|(place, _)| place.clone());
            let uploads = begun.into_iter().map(|((key, upload), begun)| MultipartUpload {
                key: Some(key),
                upload_id: Some(upload),
                initiated: Some(begun.into()),
                ..MultipartUpload::default()
            });
            Ok(ListMultipartUploadsOutput {
                uploads: Some(uploads.collect()),
                is_truncated: Some(is_truncated),
                next_key_marker: last.clone().map(|(key, _)| key),
                next_upload_id_marker: last.map(|(_, upload)| upload),
                bucket: Some(input.bucket),
                prefix: input.prefix,
                key_marker: input.key_marker,
                upload_id_marker: input.upload_id_marker,
                max_uploads: i32::try_from(most).ok(),
                ..ListMultipartUploadsOutput::default()
            })
        })
        .await
    }

    pub(crate) async fn list_parts(&self, input: ListPartsInput) -> S3Result<ListPartsOutput> {
        let folder = self.folder.clone();
        on_disk(move || {
            let (upload, _) = find(&folder, &input.bucket, &input.key, &input.upload_id)?;
            let most = limit(input.max_parts);
            let after = input.part_number_marker.unwrap_or(0);
            let names = fs::read_dir(&upload).map_err(of)?.flatten();
            let numbers = names.filter_map(|name| name.file_name().to_str()?.parse::<i32>().ok());
            let mut numbers: Vec<i32> = numbers.filter(|number| *number > after).collect();
            numbers.sort_unstable();
            let is_truncated = numbers.len() > most;
            numbers.truncate(most);
            let last = numbers.last().copied().filter(|_| is_truncated);
            let mut parts = Vec::new();
            for number in numbers {
                let Some(part) = Object::find(&crate::parts::part_path(&upload, number)).map_err(of)? else {
                    continue;
                };
                parts.push(Part {
                    part_number: Some(number),
                    size: i64::try_from(part.bytes).ok(),
                    e_tag: Some(ETag::Strong(part.about.etag)),
                    last_modified: Some(part.written.into()),
                    ..Part::default()
                });
            }
            Ok(ListPartsOutput {
                parts: Some(parts),
                is_truncated: Some(is_truncated),
                next_part_number_marker: last,
                max_parts: i32::try_from(most).ok(),
                bucket: Some(input.bucket),
                key: Some(input.key),
                upload_id: Some(input.upload_id),
                ..ListPartsOutput::default()
            })
        })
        .await
    }
}

/// Those behind `after`, in their order, and when each was begun.
fn begun(
    folder: &Folder,
    input: &ListMultipartUploadsInput,
    after: &Place,
) -> S3Result<Vec<(Place, SystemTime)>> {
    folder.bucket(&input.bucket)?;
    let mut found = Vec::new();
    for entry in fs::read_dir(folder.root.join(UPLOADS)).map_err(of)?.flatten() {
        let (Ok(upload), path) = (entry.file_name().into_string(), entry.path()) else { continue };
        // One that has just been given up has none any more.
        let Some(intent) = read_intent(&path).map_err(of)? else { continue };
        let begun = fs::metadata(path.join(INTENT)).and_then(|status| status.modified());
        let is_asked_for = intent.bucket == input.bucket
            && intent.key.starts_with(input.prefix.as_deref().unwrap_or_default());
        let place = (intent.key, upload);
        if let Ok(begun) = begun
            && is_asked_for
            && place > *after
        {
            found.push((place, begun));
        }
    }
    found.sort_unstable();
    Ok(found)
}

fn limit(asked: Option<i32>) -> usize {
    asked.and_then(|asked| usize::try_from(asked).ok()).unwrap_or(LISTED_MAX).clamp(1, LISTED_MAX)
}
