//! `trainyard interpret`: what sentences mean, without a server.

use std::io::{BufRead, BufReader};
use std::path::Path;

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};
use trainyard_assistant::{Turn, interpret_conversation};

use crate::language::{language, pick};
use crate::out;

#[derive(Deserialize)]
struct Conversation {
    id: String,
    turns: Vec<Said>,
}

#[derive(Deserialize)]
struct Said {
    say: String,
}

#[derive(Serialize)]
struct Understood {
    id: String,
    turns: Vec<Turn>,
}

pub(crate) fn run(jsonl: Option<&Path>, text: &[String]) -> Result<()> {
    let Some(path) = jsonl else {
        let turns = interpret_conversation(&[&text.join(" ")]);
        out::json_text(&serde_json::to_string(&turns[0])?);
        return Ok(());
    };
    let language = language();
    let input: Box<dyn BufRead> = if path == Path::new("-") {
        Box::new(std::io::stdin().lock())
    } else {
        let file = std::fs::File::open(path).with_context(|| {
            let path = path.display();
            pick(language, format!("{path} 파일을 열 수 없습니다"), format!("{path} cannot be opened"))
        })?;
        Box::new(BufReader::new(file))
    };
    for (index, line) in input.lines().enumerate() {
        let number = index + 1;
        let line = line.with_context(|| {
            pick(
                language,
                format!("{number}번째 줄이 UTF-8 텍스트가 아닙니다"),
                format!("line {number} is not UTF-8 text"),
            )
        })?;
        if line.trim().is_empty() {
            continue;
        }
        let conversation: Conversation = serde_json::from_str(&line).with_context(|| {
            pick(
                language,
                format!("{number}번째 줄이 `id`와 `turns[].say`가 있는 대화가 아닙니다"),
                format!("line {number} is not a conversation with `id` and `turns[].say`"),
            )
        })?;
        let said: Vec<&str> = conversation.turns.iter().map(|turn| turn.say.as_str()).collect();
        let understood = Understood { id: conversation.id, turns: interpret_conversation(&said) };
        out::json_text(&serde_json::to_string(&understood)?);
    }
    Ok(())
}
