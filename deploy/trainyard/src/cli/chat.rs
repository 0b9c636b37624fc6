//! `trainyard chat`: one sentence, or a conversation on a terminal.

use std::io::{BufRead, IsTerminal};

use anyhow::{Context, Result};
use trainyard_api::chats::{ChatBegun, Message, Spoken};
use trainyard_api::page::Nothing;
use trainyard_events::chat::Language;

use crate::cli::client::{Answer, Client};
use crate::cli::print_json;
use crate::language::pick;
use crate::out::{self, line};

/// What ends a conversation on a terminal, as it ends other programs.
const ENDS: [&str; 6] = ["exit", "quit", "bye", "종료", "끝", "나가기"];

pub(crate) async fn run(client: &Client, chat: Option<String>, said: &str, json: bool) -> Result<()> {
    let language = client.language;
    let is_new = chat.is_none();
    let chat = match chat {
        Some(chat) => chat,
        None => begin(client).await?,
    };
    if !said.is_empty() {
        let answer = say(client, &chat, said).await?;
        show(&chat, &answer, json, language)?;
        if is_new && !json {
            out::note(pick(
                language,
                format!("이어서 말하려면: trainyard chat --chat {chat} \"...\""),
                format!("go on with: trainyard chat --chat {chat} \"...\""),
            ));
        }
        return Ok(());
    }
    let interactive = std::io::stdin().is_terminal();
    if interactive {
        line(pick(
            language,
            "무엇을 학습할까요? (끝내려면 exit나 Ctrl-D)",
            "What shall we train? (exit or Ctrl-D ends)",
        ));
    }
    loop {
        if interactive {
            out::prompt();
        }
        let mut bytes = Vec::new();
        if std::io::stdin().lock().read_until(b'\n', &mut bytes)? == 0 {
            return Ok(());
        }
        let line = String::from_utf8(bytes).context(pick(
            language,
            "UTF-8이 아닌 메시지입니다. 다시 입력하거나 파일을 변환하세요",
            "the prompt is not UTF-8: type it again, or convert the file",
        ))?;
        if line.trim().is_empty() {
            continue;
        }
        if interactive && ENDS.contains(&line.trim().to_lowercase().as_str()) {
            return Ok(());
        }
        match say(client, &chat, line.trim()).await {
            Ok(answer) => show(&chat, &answer, json, language)?,
            Err(error) if interactive => out::error(&error, language),
            Err(error) => return Err(error),
        }
    }
}

/// Starts a conversation and returns its id.
pub(crate) async fn begin(client: &Client) -> Result<String> {
    let begun = client.post::<ChatBegun>("/v1/chats", &Nothing {}).await?;
    Ok(begun.id.to_string())
}

pub(crate) async fn say(client: &Client, chat: &str, said: &str) -> Result<Answer<Spoken>> {
    client.post(&format!("/v1/chats/{chat}/messages"), &Message { text: said.to_owned() }).await
}

fn show(chat: &str, answer: &Answer<Spoken>, json: bool, language: Language) -> Result<()> {
    if json {
        let mut answer = answer.json.clone();
        answer["chat"] = chat.into();
        return print_json(&answer);
    }
    out::lines(&answer.reply);
    if let Some(number) = answer.job.and_then(|job| job.number) {
        out::note(pick(
            language,
            format!("작업 {number}번이 만들어졌습니다. 지켜보려면: trainyard watch {number}"),
            format!("this is job {number}; follow it with: trainyard watch {number}"),
        ));
    }
    Ok(())
}
