//! Objects and lists of them, as a client sees them.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use std::collections::{BTreeSet, HashMap};

use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{ChecksumAlgorithm, Delete, MetadataDirective, ObjectIdentifier};
use common::{BUCKET, Server, code, get, put};

#[tokio::test]
async fn an_object_comes_back_as_it_was_described() {
    let server = Server::start().await;
    let client = server.client();
    let words = HashMap::from([("who".to_owned(), "us".to_owned())]);
    let send = |content: &'static [u8]| {
        let send = client.put_object().bucket(BUCKET).key("a/b").set_metadata(Some(words.clone()));
        send.content_type("image/png").cache_control("no-store").body(ByteStream::from_static(content))
    };
    let other = send(b"0123456798").send().await.unwrap().e_tag.unwrap();
    let tag = send(b"0123456789").send().await.unwrap().e_tag.unwrap();
    assert!(tag != other && tag.contains('-'), "of its content, and nobody takes {tag} for an MD5");
    assert_eq!(send(b"0123456789").send().await.unwrap().e_tag.unwrap(), tag);
    // Where the client says the MD5, that is what it is.
    let sent = send(b"0123456789").content_md5("eB5eJF1ptWaXm4bijSPyxw==").send().await;
    assert_eq!(sent.unwrap().e_tag.unwrap(), "\"781e5e245d69b566979b86e28d23f2c7\"");

    let got = client.get_object().bucket(BUCKET).key("a/b").send().await.unwrap();
    assert_eq!((got.content_type(), got.cache_control()), (Some("image/png"), Some("no-store")));
    assert_eq!((got.metadata(), got.content_length()), (Some(&words), Some(10)));
    assert_eq!(got.body.collect().await.unwrap().to_vec(), b"0123456789");
    for (range, expected) in
        [("bytes=2-4", "234"), ("bytes=7-", "789"), ("bytes=-2", "89"), ("bytes=8-99", "89")]
    {
        let part = client.get_object().bucket(BUCKET).key("a/b").range(range).send().await.unwrap();
        assert!(part.content_range().unwrap().ends_with("/10"), "{range}");
        assert_eq!(part.body.collect().await.unwrap().to_vec(), expected.as_bytes(), "{range}");
    }
    let beyond = client.get_object().bucket(BUCKET).key("a/b").range("bytes=10-").send().await;
    assert_eq!(code(beyond), "InvalidRange");

    let copy = client.copy_object().bucket(BUCKET).key("copy").copy_source("bucket/a/b");
    copy.clone().send().await.unwrap();
    let head = client.head_object().bucket(BUCKET).key("copy").send().await.unwrap();
    assert_eq!((head.content_type(), head.metadata()), (Some("image/png"), Some(&words)));
    copy.metadata_directive(MetadataDirective::Replace).content_type("text/plain").send().await.unwrap();
    let head = client.head_object().bucket(BUCKET).key("copy").send().await.unwrap();
    assert_eq!((head.content_type(), head.content_length()), (Some("text/plain"), Some(10)));
    assert_eq!(server.fresh(), 0);
}

#[tokio::test]
async fn what_is_not_what_it_is_said_to_be_is_not_kept() {
    let server = Server::start().await;
    let client = server.client();
    let put = || client.put_object().bucket(BUCKET).key("x").body(ByteStream::from_static(b"sent"));
    assert_eq!(code(put().content_md5("CY9rzUYh03PK3k6DJie09g==").send().await), "BadDigest");
    let wrong = "n4bQgYhMfWWaL+qgxVrQFaO/TxsrC4Is0V1sFbDwCgg=";
    assert_eq!(code(put().checksum_sha256(wrong).send().await), "BadDigest");
    assert_eq!(code(put().checksum_crc32("AAAAAA==").send().await), "BadDigest");
    assert_eq!(get(&client, "x").await, None);
    for algorithm in [ChecksumAlgorithm::Crc32, ChecksumAlgorithm::Crc32C, ChecksumAlgorithm::Crc64Nvme] {
        put().checksum_algorithm(algorithm).send().await.unwrap();
    }
    for algorithm in [ChecksumAlgorithm::Sha1, ChecksumAlgorithm::Sha256] {
        put().checksum_algorithm(algorithm).send().await.unwrap();
    }
    assert_eq!(get(&client, "x").await.unwrap(), b"sent");
    assert_eq!(server.fresh(), 0, "nothing half-written is left");
}

#[tokio::test]
async fn one_of_many_who_write_on_a_condition_writes() {
    let server = Server::start().await;
    let client = server.client();
    let first =
        |n: u8| client.put_object().bucket(BUCKET).key("x").if_none_match("*").body(vec![n].into()).send();
    let all = futures::future::join_all((0..16).map(first)).await;
    assert_eq!(all.iter().filter(|put| put.is_ok()).count(), 1);
    let etag = client.head_object().bucket(BUCKET).key("x").send().await.unwrap().e_tag.unwrap();
    let next =
        |n: u8| client.put_object().bucket(BUCKET).key("x").if_match(&etag).body(vec![n, n].into()).send();
    let all = futures::future::join_all((0..16).map(next)).await;
    assert_eq!(all.iter().filter(|put| put.is_ok()).count(), 1);
    assert_eq!(code(next(1).await), "PreconditionFailed");
    let other = client.put_object().bucket(BUCKET).key("y").if_match(&etag).body(vec![].into());
    assert_eq!(code(other.send().await), "NoSuchKey");
    let cached = client
        .get_object()
        .bucket(BUCKET)
        .key("x")
        .if_none_match(client.head_object().bucket(BUCKET).key("x").send().await.unwrap().e_tag.unwrap());
    assert_eq!(code(cached.send().await), "304");
}

#[tokio::test]
async fn lists_are_in_the_order_of_keys_whatever_the_keys_are() {
    let server = Server::start().await;
    let client = server.client();
    let long = "x".repeat(80);
    let keys: BTreeSet<String> = [
        "a",
        "a/",
        "a/b",
        "a/b/c",
        "a-b",
        "a.b",
        "a//b",
        "/",
        "..",
        "../up",
        "ä",
        "한국어/키",
        "A b+c",
        "%41",
    ]
    .map(str::to_owned)
    .into_iter()
    .chain([long.clone(), format!("{long}/y"), format!("{long}-y"), format!("{long}zz"), "é".repeat(512)])
    .collect();
    for key in &keys {
        put(&client, key, key.as_bytes()).await;
    }
    for key in &keys {
        assert_eq!(get(&client, key).await.as_deref(), Some(key.as_bytes()), "{key}");
    }
    for size in [1, 3, 1_000] {
        let (mut found, mut token) = (Vec::new(), None);
        loop {
            let list = client.list_objects_v2().bucket(BUCKET).max_keys(size).set_continuation_token(token);
            let page = list.send().await.unwrap();
            found.extend(page.contents().iter().map(|object| object.key().unwrap().to_owned()));
            token = page.next_continuation_token;
            if token.is_none() {
                break;
            }
        }
        assert_eq!(found, keys.iter().cloned().collect::<Vec<_>>(), "{size} at once");
    }
    let list = client.list_objects_v2().bucket(BUCKET).prefix("a/").send().await.unwrap();
    let found: Vec<_> = list.contents().iter().map(|object| object.key().unwrap()).collect();
    assert_eq!(found, ["a/", "a//b", "a/b", "a/b/c"]);
    let list = client.list_objects_v2().bucket(BUCKET).start_after("a/b").prefix("a").send().await.unwrap();
    let found: Vec<_> = list.contents().iter().map(|object| object.key().unwrap()).collect();
    assert_eq!(found, ["a/b/c"]);

    let all = keys.iter().map(|key| ObjectIdentifier::builder().key(key).build().unwrap());
    let all = Delete::builder().set_objects(Some(all.collect())).build().unwrap();
    let gone = client.delete_objects().bucket(BUCKET).delete(all).send().await.unwrap();
    assert_eq!((gone.deleted().len(), gone.errors().len()), (keys.len(), 0));
    assert_eq!(
        std::fs::read_dir(server.path().join(BUCKET)).unwrap().count(),
        0,
        "folders go with their objects"
    );
    client.delete_bucket().bucket(BUCKET).send().await.unwrap();
}

#[tokio::test]
async fn a_delimiter_makes_folders_of_a_list() {
    let server = Server::start().await;
    let client = server.client();
    for key in ["a", "b/1", "b/2", "b/c/3", "d", "e/4"] {
        put(&client, key, b"").await;
    }
    for size in [1, 2, 1_000] {
        let (mut found, mut token) = (Vec::new(), None);
        loop {
            let list = client.list_objects_v2().bucket(BUCKET).delimiter("/").max_keys(size);
            let page = list.set_continuation_token(token).send().await.unwrap();
            found.extend(page.contents().iter().map(|object| object.key().unwrap().to_owned()));
            found.extend(page.common_prefixes().iter().map(|it| it.prefix().unwrap().to_owned()));
            token = page.next_continuation_token;
            if token.is_none() {
                break;
            }
        }
        found.sort();
        assert_eq!(found, ["a", "b/", "d", "e/"], "{size} at once");
    }
    let list = client.list_objects_v2().bucket(BUCKET).delimiter("/").prefix("b/").send().await.unwrap();
    assert_eq!((list.contents().len(), list.common_prefixes()[0].prefix()), (2, Some("b/c/")));
}

#[tokio::test]
async fn keys_and_buckets_that_are_not_there_are_named() {
    let server = Server::start().await;
    let client = server.client();
    assert_eq!(code(client.get_object().bucket(BUCKET).key("x").send().await), "NoSuchKey");
    assert_eq!(code(client.get_object().bucket("other").key("x").send().await), "NoSuchBucket");
    assert_eq!(code(client.list_objects_v2().bucket("other").send().await), "NoSuchBucket");
    assert_eq!(code(client.create_bucket().bucket(BUCKET).send().await), "BucketAlreadyOwnedByYou");
    put(&client, "x", b"").await;
    assert_eq!(code(client.delete_bucket().bucket(BUCKET).send().await), "BucketNotEmpty");
    let buckets = client.list_buckets().send().await.unwrap();
    let names: Vec<_> = buckets.buckets().iter().filter_map(|bucket| bucket.name()).collect();
    assert_eq!(names, [BUCKET]);
    client.delete_object().bucket(BUCKET).key("never").send().await.unwrap();
    let long = client.put_object().bucket(BUCKET).key("x".repeat(1_025)).body(vec![].into()).send().await;
    assert_eq!(code(long), "KeyTooLongError");
    let stranger = common::client(server.port, "another secret");
    assert_eq!(code(stranger.get_object().bucket(BUCKET).key("x").send().await), "SignatureDoesNotMatch");
}
