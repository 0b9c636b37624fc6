//! A store that answers 503 for a while: what is put there comes to be there, or is said not to be.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod access;

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use access::config;
use bytes::Bytes;
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use trainyard_local::{S3Access, harness};
use trainyard_store::{Store, StoreError};

const SLOW_DOWN: &[u8] = b"HTTP/1.1 503 Slow Down\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";

/// The embedded store behind somebody who turns away as many requests as he is told.
struct Busy {
    store: Store,
    turned_away: Arc<AtomicI64>,
}

impl Busy {
    async fn new() -> Busy {
        let access = harness::s3().await;
        let target = access.endpoint.trim_start_matches("http://").to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let turned_away = Arc::new(AtomicI64::new(0));
        let left = turned_away.clone();
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(pass(client, target.clone(), left.clone()));
            }
        });
        // Not through the door, or its connection would stay open.
        Store::connect(config(access.clone())).await.unwrap().ensure_bucket().await.unwrap();
        Busy { store: Store::connect(config(S3Access { endpoint, ..access })).await.unwrap(), turned_away }
    }
}

/// Who is turned away is so with each of his requests: none comes a second time on a connection that is closed.
async fn pass(mut client: TcpStream, target: String, left: Arc<AtomicI64>) -> std::io::Result<()> {
    if left.fetch_sub(1, Ordering::SeqCst) > 0 {
        let _ = client.read(&mut [0; 16_384]).await?;
        client.write_all(SLOW_DOWN).await?;
        return client.shutdown().await;
    }
    let mut server = TcpStream::connect(target).await?;
    copy_bidirectional(&mut client, &mut server).await.map(drop)
}

#[tokio::test]
async fn a_moment_of_503_is_waited_out_and_a_long_one_is_said_and_leaves_nothing() {
    let busy = Busy::new().await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("photo.jpg");
    std::fs::write(&file, b"a photo").unwrap();

    busy.turned_away.store(i64::MAX, Ordering::SeqCst);
    for refused in [
        busy.store.put_bytes("datasets/a", Bytes::from_static(b"a photo")).await,
        busy.store.put_file("datasets/a", &file).await,
    ] {
        let refused = refused.unwrap_err();
        assert!(matches!(refused, StoreError::Unavailable(_)) && refused.may_pass(), "{refused}");
    }
    busy.turned_away.store(0, Ordering::SeqCst);
    assert_eq!(busy.store.bytes_of("datasets/a").await.unwrap(), None);

    let fresh = Busy::new().await;
    fresh.turned_away.store(2, Ordering::SeqCst);
    let stored = fresh.store.put_file("datasets/a", &file).await.unwrap();
    assert!(fresh.turned_away.load(Ordering::SeqCst) < 0, "it was turned away and came again");
    assert_eq!(fresh.store.get_bytes("datasets/a", 100).await.unwrap()[..], *b"a photo");
    assert_eq!(stored.bytes, 7);
}
