//! `trainyard chat`: one sentence, or a conversation on a terminal.

use std::io::{BufRead, IsTerminal};

use anyhow::{Context, Result};
use trainyard_api::chats::{ChatBegun, Message, Spoken};
use trainyard_api::page::Nothing;
use trainyard_events::chat::{Choice, Language};

use crate::cli::client::{Answer, Client};
use crate::cli::{outlook, print_json};
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
        show(client, &chat, &answer, json).await?;
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
    // What the last answer offered, to be said by its number.
    let mut offered: Vec<Choice> = Vec::new();
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
        let said = if interactive { chosen(line.trim(), &offered) } else { line.trim() };
        match say(client, &chat, said).await {
            Ok(answer) => {
                show(client, &chat, &answer, json).await?;
                if interactive && !json {
                    number(&answer.choices, language);
                }
                offered.clone_from(&answer.choices);
            }
            Err(error) if interactive => out::error(&error, language),
            Err(error) => return Err(error),
        }
    }
}

/// The sentence whose number this is, or what was written.
fn chosen<'s>(written: &'s str, offered: &'s [Choice]) -> &'s str {
    let place = written.parse::<usize>().ok().and_then(|number| number.checked_sub(1));
    place.and_then(|place| offered.get(place)).map_or(written, |choice| &choice.say)
}

fn number(offered: &[Choice], language: Language) {
    let numbered = offered.iter().enumerate();
    let sentences: Vec<String> =
        numbered.map(|(place, choice)| format!("[{}] {}", place + 1, choice.say)).collect();
    if !sentences.is_empty() {
        out::note(pick(language, "번호만 입력해도 됩니다:", "a number will do:"));
        out::lines(&sentences.join("\n"));
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

async fn show(client: &Client, chat: &str, answer: &Answer<Spoken>, json: bool) -> Result<()> {
    if json {
        let mut answer = answer.json.clone();
        answer["chat"] = chat.into();
        return print_json(&answer);
    }
    out::lines(&answer.reply);
    if answer.proposal.is_some() && answer.missing.is_empty() {
        // What was said has been answered, whatever becomes of this.
        match outlook::of(client, chat).await {
            // Who has asked for it has read it.
            Ok(expected) if answer.reply.contains(&expected) => {}
            Ok(expected) => out::note(expected),
            Err(error) => out::error(&error, client.language),
        }
    }
    if let Some(number) = answer.job.and_then(|job| job.number) {
        out::note(pick(
            client.language,
            format!("작업 {number}번이 만들어졌습니다. 지켜보려면: trainyard watch {number}"),
            format!("this is job {number}; follow it with: trainyard watch {number}"),
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_the_sentence_that_was_offered_under_it() {
        let choice = |say: &str| Choice { say: say.to_owned(), what: String::new() };
        let offered = [choice("stop job 3"), choice("stop job 1")];
        for (written, said) in [("2", "stop job 1"), ("0", "0"), ("3", "3"), ("stop it", "stop it"), ("", "")]
        {
            assert_eq!(chosen(written, &offered), said);
        }
    }
}
