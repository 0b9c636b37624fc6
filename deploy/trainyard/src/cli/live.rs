//! The websocket as the command line uses it: one topic.

use anyhow::{Context, Result, bail};
use futures::{SinkExt, StreamExt};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{Connector, MaybeTlsStream, WebSocketStream, connect_async_tls_with_config};

use trainyard_api::live::{ClientFrame, ServerFrame};
use trainyard_events::chat::Language;

use crate::cli::client::Client;
use crate::cli::refusal;
use crate::language::pick;

pub(crate) struct Live {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    /// Of the platform, for who is to look there.
    url: String,
    language: Language,
}

impl Live {
    /// Connects, shows the token, and subscribes.
    pub(crate) async fn subscribe(client: &Client, topic: &str) -> Result<Live> {
        let Client { url, token, language, tls, .. } = client.clone();
        let address = format!("{}/v1/live", url.replacen("http", "ws", 1));
        let tls = Connector::Rustls(tls);
        let opened = connect_async_tls_with_config(&address, None, false, Some(tls)).await;
        let (socket, _) = opened.with_context(|| {
            pick(
                language,
                format!("{address} 주소로 웹소켓을 열 수 없습니다. 플랫폼이 실행 중인지 확인하세요"),
                format!("{address} takes no websocket: is the platform up?"),
            )
        })?;
        let mut live = Live { socket, url, language };
        live.send(&ClientFrame::Auth { token, language: Some(language) }).await?;
        live.send(&ClientFrame::Subscribe { topic: topic.to_owned(), resume: None }).await?;
        Ok(live)
    }

    async fn send(&mut self, frame: &ClientFrame) -> Result<()> {
        let text = serde_json::to_string(frame).context("a frame is plain data")?;
        self.socket.send(Message::text(text)).await.context(broke_off(self.language))
    }

    /// The next frame; an `error` frame is an error here too.
    pub(crate) async fn next(&mut self) -> Result<ServerFrame> {
        let language = self.language;
        loop {
            let message = self.socket.next().await.context(pick(
                language,
                "웹소켓이 닫혔습니다. 다시 시도하세요",
                "the websocket was closed: try again",
            ))?;
            if let Message::Text(frame) = message.context(broke_off(language))? {
                let frame = serde_json::from_str(&frame).context(pick(
                    language,
                    "프레임이 다른 버전의 형식입니다",
                    "a frame is as another version has it",
                ))?;
                if let ServerFrame::Error { code, message, .. } = frame {
                    bail!(refusal::of_frame(code, &message, &self.url, language));
                }
                return Ok(frame);
            }
        }
    }
}

fn broke_off(language: Language) -> &'static str {
    pick(language, "웹소켓이 끊겼습니다. 다시 시도하세요", "the websocket broke off: try again")
}
