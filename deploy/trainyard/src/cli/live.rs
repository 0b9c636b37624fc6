//! The websocket as the command line uses it: one topic, frames as JSON.

use anyhow::{Context, Result, bail};
use futures::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use crate::cli::client::Client;
use crate::cli::text;

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
        live.send(&json!({ "type": "auth", "token": client.token })).await?;
        live.send(&json!({ "type": "subscribe", "topic": topic })).await?;
        Ok(live)
    }

    async fn send(&mut self, frame: &Value) -> Result<()> {
        self.socket.send(Message::text(frame.to_string())).await.context("the websocket broke off")
    }

    /// The next frame; an `error` frame is an error here too.
    pub(crate) async fn next(&mut self) -> Result<Value> {
        loop {
            let message = self.socket.next().await.context("the websocket was closed: try again")?;
            if let Message::Text(frame) = message.context("the websocket broke off: try again")? {
                let frame: Value = serde_json::from_str(&frame).context("a frame is not JSON")?;
                if frame["type"] == "error" {
                    bail!("{}", text(&frame, "message"));
                }
                return Ok(frame);
            }
        }
    }
}
