//! Uploads in parts.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use aws_sdk_s3::Client;
use aws_sdk_s3::types::{CompletedMultipartUpload, CompletedPart};
use common::{BUCKET, Server, code, get};

const PART: usize = 5 * 1024 * 1024;

async fn begin(client: &Client, key: &str) -> String {
    let begun = client.create_multipart_upload().bucket(BUCKET).key(key).content_type("x/y").send().await;
    begun.unwrap().upload_id.unwrap()
}

async fn send(client: &Client, key: &str, upload: &str, number: i32, content: Vec<u8>) -> CompletedPart {
    let part = client.upload_part().bucket(BUCKET).key(key).upload_id(upload).part_number(number);
    let sent = part.body(content.into()).send().await.unwrap();
    CompletedPart::builder().part_number(number).set_e_tag(sent.e_tag).build()
}

fn all(parts: &[&CompletedPart]) -> CompletedMultipartUpload {
    let parts = parts.iter().map(|part| (*part).clone()).collect();
    CompletedMultipartUpload::builder().set_parts(Some(parts)).build()
}

#[tokio::test]
async fn parts_become_an_object_once_and_say_so_twice() {
    let server = Server::start().await;
    let client = server.client();
    let upload = begin(&client, "a/b").await;
    // The second is sent again, and counts as it came last.
    let second = send(&client, "a/b", &upload, 2, vec![9; 3]).await;
    let second = (second, send(&client, "a/b", &upload, 2, vec![2; 7]).await);
    let first = send(&client, "a/b", &upload, 1, vec![1; PART]).await;
    let parts = client.list_parts().bucket(BUCKET).key("a/b").upload_id(&upload).send().await.unwrap();
    let sizes: Vec<_> = parts.parts().iter().map(|part| (part.part_number(), part.size())).collect();
    assert_eq!(sizes, [(Some(1), Some(PART as i64)), (Some(2), Some(7))]);
    assert_eq!(get(&client, "a/b").await, None, "there is no object before it is completed");

    let complete = |parts| {
        client
            .complete_multipart_upload()
            .bucket(BUCKET)
            .key("a/b")
            .upload_id(&upload)
            .multipart_upload(parts)
            .send()
    };
    assert_eq!(code(complete(all(&[&second.1, &first])).await), "InvalidPartOrder");
    assert_eq!(code(complete(all(&[&first, &second.0])).await), "InvalidPart");
    let (one, other) = tokio::join!(complete(all(&[&first, &second.1])), complete(all(&[&first, &second.1])));
    let again = complete(all(&[&first, &second.1])).await.unwrap();
    assert_eq!((one.unwrap().e_tag, other.unwrap().e_tag), (again.e_tag.clone(), again.e_tag.clone()));
    assert!(again.e_tag.unwrap().ends_with("-2\""));

    let content = get(&client, "a/b").await.unwrap();
    assert!(content.len() == PART + 7 && content[..PART].iter().all(|byte| *byte == 1));
    assert_eq!(content[PART..], [2; 7]);
    let head = client.head_object().bucket(BUCKET).key("a/b").send().await.unwrap();
    assert_eq!(head.content_type(), Some("x/y"));
    assert_eq!(std::fs::read_dir(server.path().join(".uploads")).unwrap().count(), 0, "the parts are gone");
    assert_eq!(server.fresh(), 0);
}

#[tokio::test]
async fn an_upload_that_is_given_up_leaves_nothing() {
    let server = Server::start().await;
    let client = server.client();
    let mut uploads = Vec::new();
    for key in ["b", "a/x", "a/x"] {
        let upload = begin(&client, key).await;
        send(&client, key, &upload, 1, vec![1; 10]).await;
        uploads.push((key.to_owned(), upload));
    }
    uploads.sort();
    let (mut found, mut after) = (Vec::new(), (None, None));
    loop {
        let list = client.list_multipart_uploads().bucket(BUCKET).max_uploads(1);
        let page = list.set_key_marker(after.0).set_upload_id_marker(after.1).send().await.unwrap();
        let listed = page
            .uploads()
            .iter()
            .map(|it| (it.key().unwrap().to_owned(), it.upload_id().unwrap().to_owned()));
        found.extend(listed);
        after = (page.next_key_marker, page.next_upload_id_marker);
        if page.is_truncated != Some(true) {
            break;
        }
    }
    assert_eq!(found, uploads);
    let below = client.list_multipart_uploads().bucket(BUCKET).prefix("a/").send().await.unwrap();
    assert_eq!(below.uploads().len(), 2);

    for (key, upload) in &uploads {
        let abort = || client.abort_multipart_upload().bucket(BUCKET).key(key).upload_id(upload).send();
        let elsewhere =
            client.abort_multipart_upload().bucket(BUCKET).key("c").upload_id(upload).send().await;
        assert_eq!(code(elsewhere), "NoSuchUpload");
        abort().await.unwrap();
        assert_eq!(code(abort().await), "NoSuchUpload");
    }
    let outside = client.abort_multipart_upload().bucket(BUCKET).key("b").upload_id("../bucket").send().await;
    assert_eq!(code(outside), "NoSuchUpload");
    assert_eq!(std::fs::read_dir(server.path().join(".uploads")).unwrap().count(), 0);
    assert_eq!(server.fresh(), 0);
}
