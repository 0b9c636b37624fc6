//! A network that misbehaves: a TCP proxy before a server, which cuts, delays, truncates and holds back what passes.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use anyhow::Result;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio_util::task::AbortOnDropHandle;

const CHUNK_BYTES: usize = 16 * 1024;
const FULL: &[u8] = b"HTTP/1.1 507 Insufficient Storage\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";

/// Of what passes.
#[derive(Clone, Copy, Debug)]
pub(super) enum Direction {
    /// From who has dialled.
    There,
    Back,
}

#[derive(Default)]
struct Mood {
    /// Milliseconds that every chunk is held back.
    delay: AtomicU64,
    /// The next chunk is cut in half, and its connection closed.
    truncate: AtomicBool,
    /// Every request is answered as by an HTTP server whose disk is full.
    full: AtomicBool,
    /// In each direction, how many hold back what passes.
    holds: [watch::Sender<usize>; 2],
}

pub(super) struct Proxy {
    pub(super) address: SocketAddr,
    mood: Arc<Mood>,
    /// Counts the cuts; a connection of an older count closes.
    cuts: watch::Sender<u64>,
    _accepting: AbortOnDropHandle<()>,
}

impl Proxy {
    pub(super) async fn start(target: SocketAddr) -> Result<Proxy> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let (mood, cuts) = (Arc::new(Mood::default()), watch::Sender::new(0));
        let (mood_of_all, cuts_of_all) = (mood.clone(), cuts.clone());
        let accepting = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let (mood, cuts) = (mood_of_all.clone(), cuts_of_all.subscribe());
                tokio::spawn(async move { connect(client, target, mood, cuts).await });
            }
        });
        Ok(Proxy { address, mood, cuts, _accepting: AbortOnDropHandle::new(accepting) })
    }

    /// Closes every connection there is.
    pub(super) fn cut(&self) {
        self.cuts.send_modify(|cuts| *cuts += 1);
    }

    /// Holds back every chunk for so long; zero ends it.
    pub(super) fn delay(&self, by: Duration) {
        self.mood.delay.store(by.as_millis() as u64, Ordering::Relaxed);
    }

    /// Answers for an HTTP server that its disk is full, or lets it answer again.
    pub(super) fn fill(&self, full: bool) {
        self.mood.full.store(full, Ordering::Relaxed);
        self.cut();
    }

    /// Lets nothing through in this direction until as many have released it as hold it. No connection closes by that.
    pub(super) fn hold(&self, direction: Direction) {
        self.mood.holds[direction as usize].send_modify(|holds| *holds += 1);
    }

    pub(super) fn release(&self, direction: Direction) {
        self.mood.holds[direction as usize].send_modify(|holds| *holds -= 1);
    }

    /// Lets half of the next chunk through, and closes its connection.
    pub(super) fn truncate(&self) {
        self.mood.truncate.store(true, Ordering::Relaxed);
    }
}

/// Ends when either side closes, or when told to cut: then both do.
async fn connect(mut client: TcpStream, target: SocketAddr, mood: Arc<Mood>, mut cuts: watch::Receiver<u64>) {
    if mood.full.load(Ordering::Relaxed) {
        let mut request = vec![0; CHUNK_BYTES];
        // Whether it is heard does not matter: then it looks like a server that hangs up.
        if client.read(&mut request).await.is_ok() {
            let _ = client.write_all(FULL).await;
        }
        return;
    }
    // A server that is down looks like one that hangs up.
    let Ok(server) = TcpStream::connect(target).await else { return };
    let ((client_in, client_out), (server_in, server_out)) = (client.into_split(), server.into_split());
    tokio::select! {
        _ = pass(client_in, server_out, &mood, Direction::There) => {}
        _ = pass(server_in, client_out, &mood, Direction::Back) => {}
        _ = cuts.changed() => {}
    }
}

async fn pass(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    mood: &Mood,
    direction: Direction,
) -> std::io::Result<()> {
    let mut chunk = vec![0; CHUNK_BYTES];
    let mut holds = mood.holds[direction as usize].subscribe();
    loop {
        let length = from.read(&mut chunk).await?;
        // The end of a connection is held back like everything else. Who could release it is there as long as the mood.
        let _released = holds.wait_for(|holds| *holds == 0).await.is_ok();
        if length == 0 {
            return Ok(());
        }
        let delay = mood.delay.load(Ordering::Relaxed);
        if delay > 0 {
            tokio::time::sleep(Duration::from_millis(delay)).await;
        }
        if mood.truncate.swap(false, Ordering::Relaxed) {
            return to.write_all(&chunk[..length / 2]).await;
        }
        to.write_all(&chunk[..length]).await?;
    }
}
