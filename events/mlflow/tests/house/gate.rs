//! Stands before a server, and does to what passes what networks and servers do.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};
use std::time::Duration;

use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};

use super::http::request;

#[derive(Clone, Copy)]
#[repr(u8)]
pub(crate) enum Weather {
    Fair,
    /// Of twenty requests one is answered with 503, one is cut off before it is asked and one after it was done; and one is
    /// done a while later, when whoever has asked is long gone.
    Foul,
    /// Nobody answers.
    Away,
}

#[derive(Clone)]
pub(crate) struct Gate {
    pub(crate) address: SocketAddr,
    weather: Arc<AtomicU8>,
    asked: Arc<AtomicU64>,
}

/// How late a request comes that was lost from sight.
const LATE: Duration = Duration::from_millis(300);

impl Gate {
    pub(crate) async fn before(server: SocketAddr) -> Gate {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("its address");
        let gate = Gate { address, weather: Arc::default(), asked: Arc::default() };
        let own = gate.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let own = own.clone();
                tokio::spawn(async move { own.pass(stream, server).await });
            }
        });
        gate
    }

    pub(crate) fn now(&self, weather: Weather) {
        self.weather.store(weather as u8, Ordering::SeqCst);
    }

    pub(crate) fn asked(&self) -> u64 {
        self.asked.load(Ordering::SeqCst)
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    async fn pass(&self, mut stream: TcpStream, server: SocketAddr) -> Option<()> {
        let weather = self.weather.load(Ordering::SeqCst);
        self.asked.fetch_add(1, Ordering::SeqCst);
        if weather == Weather::Away as u8 {
            return None;
        }
        let request = request(&mut stream).await?;
        if weather == Weather::Foul as u8 {
            match rand::random_range(0..20) {
                0 => {
                    let busy = "HTTP/1.1 503 Busy\r\ncontent-length: 4\r\nconnection: close\r\n\r\nbusy";
                    return stream.write_all(busy.as_bytes()).await.ok();
                }
                1 => return None,
                2 => return request.passed_on(server).await.map(drop),
                3 => {
                    drop(stream);
                    tokio::time::sleep(LATE).await;
                    return request.passed_on(server).await.map(drop);
                }
                _ => {}
            }
        }
        let answer = request.passed_on(server).await?;
        stream.write_all(&answer).await.ok()
    }
}
