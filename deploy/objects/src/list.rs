//! A page of the objects in a bucket, in the order of their keys.

use std::ops::ControlFlow;
use std::path::Path;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use s3s::dto::{CommonPrefix, ETag, EncodingType, ListObjectsV2Input, ListObjectsV2Output, Object as Listed};
use s3s::{S3Result, s3_error};

use crate::error::{of, on_disk};
use crate::object::Object;
use crate::service::Objects;
use crate::walk::Walk;

const KEYS_MAX: usize = 1_000;
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~').remove(b'/');

/// What is listed, and the last key or common prefix of it if there is more.
#[derive(Default)]
struct Page {
    objects: Vec<(String, Object)>,
    prefixes: Vec<String>,
    last: String,
    is_truncated: bool,
}

impl Objects {
    pub(crate) async fn list(&self, input: ListObjectsV2Input) -> S3Result<ListObjectsV2Output> {
        let after = match &input.continuation_token {
            Some(token) => hex::decode(token)
                .map_err(|_| s3_error!(InvalidArgument, "this continuation token is none of ours"))?,
            None => input.start_after.clone().unwrap_or_default().into(),
        };
        let most = usize::try_from(input.max_keys.unwrap_or(i32::MAX))
            .map_err(|_| s3_error!(InvalidArgument, "max-keys is below 0"))?
            .min(KEYS_MAX);
        let (bucket, folder) = (input.bucket.clone(), self.folder.clone());
        let prefix = input.prefix.clone().unwrap_or_default();
        let delimiter = input.delimiter.clone().filter(|it| !it.is_empty());
        let page =
            on_disk(move || page(&folder.bucket(&bucket)?, &prefix, delimiter.as_deref(), &after, most));
        Ok(answer(input, page.await?, most))
    }
}

fn page(bucket: &Path, prefix: &str, delimiter: Option<&str>, after: &[u8], most: usize) -> S3Result<Page> {
    let mut page = Page::default();
    let mut walk = Walk { prefix: prefix.as_bytes(), after, skip: None };
    walk.through(bucket, &mut |walk, key, path| {
        let Ok(key) = std::str::from_utf8(key) else { return Ok(ControlFlow::Continue(())) };
        let cut = delimiter.and_then(|it| Some(prefix.len() + key[prefix.len()..].find(it)? + it.len()));
        if let Some(cut) = cut {
            walk.skip = Some(key.as_bytes()[..cut].to_vec());
            if key.as_bytes()[..cut] == *after {
                // It was the last of the page before.
                return Ok(ControlFlow::Continue(()));
            }
        }
        if page.objects.len() + page.prefixes.len() == most {
            page.is_truncated = most > 0;
            return Ok(ControlFlow::Break(()));
        }
        let named = &key[..cut.unwrap_or(key.len())];
        if cut.is_some() {
            page.prefixes.push(named.to_owned());
        } else if let Some(object) = Object::find(path)? {
            page.objects.push((named.to_owned(), object));
        }
        named.clone_into(&mut page.last);
        Ok(ControlFlow::Continue(()))
    })
    .map_err(of)
    .map(|_| page)
}

fn answer(input: ListObjectsV2Input, page: Page, most: usize) -> ListObjectsV2Output {
    let is_encoded = input.encoding_type.as_ref().is_some_and(|it| it.as_str() == EncodingType::URL);
    let name = |name: String| match is_encoded {
        true => utf8_percent_encode(&name, PLAIN).to_string(),
        false => name,
    };
    let contents = page.objects.into_iter().map(|(key, object)| Listed {
        key: Some(name(key)),
        size: i64::try_from(object.bytes).ok(),
        e_tag: Some(ETag::Strong(object.about.etag)),
        last_modified: Some(object.written.into()),
        ..Listed::default()
    });
    let contents: Vec<Listed> = contents.collect();
    let prefixes = page.prefixes.into_iter().map(|prefix| CommonPrefix { prefix: Some(name(prefix)) });
    let prefixes: Vec<CommonPrefix> = prefixes.collect();
    ListObjectsV2Output {
        key_count: i32::try_from(contents.len() + prefixes.len()).ok(),
        max_keys: i32::try_from(most).ok(),
        is_truncated: Some(page.is_truncated),
        next_continuation_token: page.is_truncated.then(|| hex::encode(page.last)),
        contents: Some(contents),
        common_prefixes: Some(prefixes),
        name: Some(input.bucket),
        prefix: input.prefix.map(name),
        delimiter: input.delimiter.map(name),
        start_after: input.start_after.map(name),
        continuation_token: input.continuation_token,
        encoding_type: input.encoding_type,
        request_charged: None,
    }
}
