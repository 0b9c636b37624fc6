//! Many sockets on one topic, read by clients who do as little as they can, and a few that note when each event came.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use futures::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::io::AsyncReadExt;
use tokio::net::{TcpSocket, TcpStream};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, client_async};
use trainyard_bus::Bus;
use trainyard_e2e::Platform;

use crate::asking::new_token;
use crate::process::{cpu_s, memory_mib};
use crate::story;
use crate::table::{Table, at};

pub type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// Sockets of one token; a gateway gives it 256.
const OF_TOKEN: usize = 200;
/// Events that may be on their way: fewer than a socket's queue holds, so that nobody is told to read anew.
const UNDER_WAY: u64 = 200;
const WRITERS: usize = 16;
const SETTLED: Duration = Duration::from_secs(2);
const RATE: u64 = 1_000;
/// After so long without a frame no more will come: less than between watermarks.
const PATIENCE: Duration = Duration::from_secs(4);
const EVENT: &[u8] = br#"{"type":"event""#;

/// Deliveries a second and for each CPU second of the platform's process, when events come as fast as they are taken.
pub async fn fan_out(
    platform: &Platform,
    bus: &Bus,
    sockets: usize,
    lasting: Duration,
    table: &mut Table,
) -> Result<()> {
    let pid = platform.pid().context("it runs")?;
    let received = Arc::new(AtomicU64::new(0));
    let mut token = String::new();
    let mut readers = Vec::new();
    for number in 0..sockets {
        if number % OF_TOKEN == 0 {
            token = new_token(platform, &format!("reader-{number}")).await?;
        }
        let socket = open(platform, &token, "activity").await?;
        readers.push(socket);
    }
    for socket in readers {
        tokio::spawn(count(socket.into_inner(), received.clone()));
    }
    let tenant = tenant(platform).await?;
    // What was written before, for the tokens, is still on its way to some.
    tokio::time::sleep(SETTLED).await;
    let before = received.load(Ordering::Relaxed);
    let each = |number: u64| before + number * sockets as u64;
    let (memory, cpu, begun) = (memory_mib(pid)?, cpu_s(pid)?, Instant::now());
    let mut sent = 0;
    while begun.elapsed() < lasting {
        let burst = (0..WRITERS).map(|_| story::say(bus, &tenant));
        futures::future::try_join_all(burst).await?;
        sent += WRITERS as u64;
        while received.load(Ordering::Relaxed) < each(sent.saturating_sub(UNDER_WAY)) {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }
    let deadline = Instant::now() + Duration::from_secs(60);
    while received.load(Ordering::Relaxed) < each(sent) {
        ensure!(Instant::now() < deadline, "{} of {} came", received.load(Ordering::Relaxed), each(sent));
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    let (taken, cpu) = (begun.elapsed().as_secs_f64(), cpu_s(pid)? - cpu);
    ensure!(received.load(Ordering::Relaxed) == each(sent), "some came twice");
    let delivered = (each(sent) - before) as f64;
    let (rate, of_cpu) = (delivered / taken, delivered / cpu);
    let figure = format!("{rate:.0}/s; {of_cpu:.0} per CPU second of the process");
    table.row(format!("deliveries to {sockets} sockets"), figure, ">= 300,000/s");
    let figure = format!("{memory:.0} MiB before, {:.0} MiB after {sent} events", memory_mib(pid)?);
    table.row(format!("memory of the process with {sockets} sockets"), figure, "flat");
    Ok(())
}

/// From an event's time to its frame, at [`RATE`] events a second and ten sockets.
pub async fn latency(platform: &Platform, bus: &Bus, lasting: Duration, table: &mut Table) -> Result<()> {
    let tenant = tenant(platform).await?;
    let mut others = Vec::new();
    for _ in 0..9 {
        let socket = open(platform, platform.token(), "activity").await?;
        others.push(tokio::spawn(count(socket.into_inner(), Arc::default())));
    }
    let mut socket = open(platform, platform.token(), "activity").await?;
    let count = RATE * lasting.as_secs();
    let writing = async {
        let mut tick = tokio::time::interval(Duration::from_secs(1) / u32::try_from(RATE)?);
        tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Burst);
        let due = futures::stream::unfold(tick, async |mut tick| {
            tick.tick().await;
            Some(((), tick))
        });
        let due = due.take(usize::try_from(count)?).map(|()| story::say(bus, &tenant));
        due.buffer_unordered(64)
            .for_each(async |said| drop(said.inspect_err(|error| println!("{error}"))))
            .await;
        anyhow::Ok(())
    };
    let reading = async {
        let mut taken = BTreeMap::new();
        while taken.len() < usize::try_from(count)? {
            // What was told to be read anew, or could not be written, does not come.
            let Ok(Some(Ok(frame))) = tokio::time::timeout(PATIENCE, socket.next()).await else { break };
            let Message::Text(text) = frame else { continue };
            ensure!(!text.starts_with(r#"{"type":"refetch""#), "the socket was too slow: {text}");
            let now = story::now();
            let frame: Value = serde_json::from_str(&text)?;
            let Some(sequence) = frame["event"]["sequence"].as_u64() else { continue };
            let said = frame["event"]["at"].as_str().context("a time")?;
            taken.insert(sequence, (now - story::parsed(said)?).as_seconds_f64() * 1e3);
        }
        anyhow::Ok(taken.into_values().collect::<Vec<_>>())
    };
    let begun = Instant::now();
    let (wrote, taken) = futures::join!(writing, reading);
    wrote?;
    let taken = taken?;
    let rate = taken.len() as f64 / begun.elapsed().as_secs_f64();
    let figure = format!("p50 {:.1} ms, p99 {:.1} ms at {rate:.0}/s", at(0.5, &taken), at(0.99, &taken));
    table.row("from an event to its frame", figure, "p50 10 ms, p99 50 ms at 1,000/s");
    others.into_iter().for_each(|other| other.abort());
    Ok(())
}

pub async fn tenant(platform: &Platform) -> Result<String> {
    let me = platform.get("/v1/whoami").await?;
    Ok(me["tenant"].as_str().context("a tenant")?.to_owned())
}

/// A socket that has its rows.
async fn open(platform: &Platform, token: &str, topic: &str) -> Result<Socket> {
    let mut socket = subscribe(platform.url(), token, topic, None).await?;
    loop {
        let frame = socket.next().await.context("the socket was closed")??;
        if frame.to_text().is_ok_and(|text| text.contains(r#""type":"initial""#)) {
            return Ok(socket);
        }
    }
}

/// A socket that has asked for a topic, from where a resume token says.
pub async fn subscribe(url: &str, token: &str, topic: &str, resume: Option<&str>) -> Result<Socket> {
    subscribe_from(Ipv4Addr::LOCALHOST, url, token, topic, resume).await
}

/// The same from a machine of its own, as far as the gateway can tell: all addresses of the loopback are this one's.
pub async fn subscribe_from(
    address: Ipv4Addr,
    url: &str,
    token: &str,
    topic: &str,
    resume: Option<&str>,
) -> Result<Socket> {
    let to = url.strip_prefix("http://").context("an address without TLS")?.parse()?;
    let tcp = TcpSocket::new_v4()?;
    tcp.bind((address, 0).into())?;
    let tcp = tcp.connect(to).await?;
    let mut request = format!("{}/v1/live", url.replacen("http", "ws", 1)).into_client_request()?;
    request.headers_mut().insert("authorization", format!("Bearer {token}").parse()?);
    let (mut socket, _) = client_async(request, MaybeTlsStream::Plain(tcp)).await?;
    let mut subscribe = json!({ "type": "subscribe", "topic": topic });
    if let Some(resume) = resume {
        subscribe["resume"] = resume.into();
    }
    socket.send(Message::text(subscribe.to_string())).await?;
    Ok(socket)
}

/// Counts the events that come, by the heads of their frames.
async fn count(mut stream: MaybeTlsStream<TcpStream>, received: Arc<AtomicU64>) -> Result<()> {
    let mut buffer = Vec::with_capacity(128 * 1024);
    while stream.read_buf(&mut buffer).await? > 0 {
        let (mut read, mut events) = (0, 0);
        while let Some((from, to)) = frame(&buffer[read..]) {
            events += u64::from(buffer[read + from..read + to].starts_with(EVENT));
            read += to;
        }
        buffer.drain(..read);
        received.fetch_add(events, Ordering::Relaxed);
    }
    Ok(())
}

/// Where what a whole frame at the beginning carries begins and ends.
fn frame(bytes: &[u8]) -> Option<(usize, usize)> {
    let (from, length) = match *bytes.get(1)? {
        126 => (4, usize::from(u16::from_be_bytes(bytes.get(2..4)?.try_into().ok()?))),
        127 => (10, usize::try_from(u64::from_be_bytes(bytes.get(2..10)?.try_into().ok()?)).ok()?),
        short => (2, usize::from(short)),
    };
    (bytes.len() >= from + length).then_some((from, from + length))
}
