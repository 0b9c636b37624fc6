//! `trainyard interpret`: what sentences mean, without a server.

use std::io::{BufRead, BufReader};
use std::path::Path;

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};
use trainyard_assistant::{Turn, interpret_conversation};

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
    let input: Box<dyn BufRead> = if path == Path::new("-") {
        Box::new(std::io::stdin().lock())
    } else {
        let file =
            std::fs::File::open(path).with_context(|| format!("{} cannot be opened", path.display()))?;
        Box::new(BufReader::new(file))
    };
    for (index, line) in input.lines().enumerate() {
        let line = line.with_context(|| format!("line {} is not UTF-8 text", index + 1))?;
        if line.trim().is_empty() {
            continue;
        }
        let conversation: Conversation = serde_json::from_str(&line).with_context(|| {
            format!("line {} is not a conversation with `id` and `turns[].say`", index + 1)
        })?;
        let said: Vec<&str> = conversation.turns.iter().map(|turn| turn.say.as_str()).collect();
        let understood = Understood { id: conversation.id, turns: interpret_conversation(&said) };
        out::json_text(&serde_json::to_string(&understood)?);
    }
    Ok(())
}
