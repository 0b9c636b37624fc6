//! The websocket as the command line uses it: one topic.

use anyhow::{Context, Result, bail};
use futures::{SinkExt, StreamExt};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use trainyard_api::live::{ClientFrame, ServerFrame};

use crate::cli::client::Client;

pub(crate) struct Live {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
}

impl Live {
    /// Connects, shows the token, and subscribes.
    pub(crate) async fn subscribe(client: &Client, topic: &str) -> Result<Live> {
        let url = format!("{}/v1/live", client.url.replacen("http", "ws", 1));
        let (socket, _) = connect_async(&url)
            .await
            .with_context(|| format!("{url} takes no websocket: is the platform up?"))?;
        let mut live = Live { socket };
        live.send(&ClientFrame::Auth { token: client.token.clone(), language: None }).await?;
        live.send(&ClientFrame::Subscribe { topic: topic.to_owned(), resume: None }).await?;
        Ok(live)
    }

    async fn send(&mut self, frame: &ClientFrame) -> Result<()> {
        let text = serde_json::to_string(frame).context("a frame is plain data")?;
        self.socket.send(Message::text(text)).await.context("the websocket broke off")
    }

    /// The next frame; an `error` frame is an error here too.
    pub(crate) async fn next(&mut self) -> Result<ServerFrame> {
        loop {
            let message = self.socket.next().await.context("the websocket was closed: try again")?;
            if let Message::Text(frame) = message.context("the websocket broke off: try again")? {
                let frame = serde_json::from_str(&frame).context("a frame is as another version has it")?;
                if let ServerFrame::Error { message, .. } = frame {
                    bail!("{message}");
                }
                return Ok(frame);
            }
        }
    }
}
