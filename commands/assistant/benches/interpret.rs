//! Time of one turn: on the prompts of the sets, and on the worst repeats at the longest length.

use std::time::Instant;

use trainyard_assistant::{interpret, interpret_conversation};
use trainyard_events::limits;

fn main() {
    let set = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/sets/dev.jsonl");
    let lines = std::fs::read_to_string(set).expect("the set is in the repository");
    let conversations: Vec<Vec<String>> = lines
        .lines()
        .map(|line| {
            let conversation: serde_json::Value = serde_json::from_str(line).expect("the set is JSON lines");
            let turns = conversation["turns"].as_array().cloned().unwrap_or_default();
            turns.iter().filter_map(|turn| turn["say"].as_str().map(str::to_owned)).collect()
        })
        .collect();
    let turns: usize = conversations.iter().map(Vec::len).sum();
    interpret("warm up", None);
    let (start, mut worst) = (Instant::now(), 0.0_f64);
    for conversation in &conversations {
        let one = Instant::now();
        interpret_conversation(conversation);
        worst = worst.max(one.elapsed().as_secs_f64() * 1e3 / conversation.len() as f64);
    }
    let mean = start.elapsed().as_secs_f64() * 1e3 / turns as f64;
    println!("{turns} turns: {mean:.3} ms each, slowest conversation {worst:.3} ms a turn");
    for piece in [
        "a",
        "is it done ",
        "다 됐어 ",
        "a-a 작업 ",
        "a ",
        "1",
        "1,000,",
        "일",
        "백",
        "십",
        "/a ",
        "\"",
        "'",
        "a/",
        "와 ",
        "에폭 ",
        "not ",
        "resnet ",
        "욜로 ",
        "- ",
        "x1",
        "(",
        "인지 ",
        "고양이, ",
        "vs a ",
        "클래스 ",
        "a or b ",
        "no ",
        "에폭 10 ",
    ] {
        let text: String = piece.chars().cycle().take(limits::PROMPT_CHARS).collect();
        let start = Instant::now();
        interpret(&text, None);
        println!("{piece:?} x {}: {:.2} ms", limits::PROMPT_CHARS, start.elapsed().as_secs_f64() * 1e3);
    }
}
