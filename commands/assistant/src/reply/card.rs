//! The proposal as people read it: every value, where it came from, and what to say next.

use std::fmt::Write;

use trainyard_events::chat::Language;
use trainyard_events::config::{Augmentation, Device, Optimizer, Priority, Proposal, Source, Task};
use trainyard_words::particle::{Particle, with_particle};

use super::{pick, task};

/// The proposal as a card: every value, where it came from, what is missing or unusual, how to go on.
pub fn proposal(proposal: &Proposal, language: Language) -> String {
    let mut card = pick(language, "이렇게 학습하겠습니다.\n", "Here is the training I propose.\n");
    let values = values(proposal, language);
    for (field, value) in &values {
        let source = proposal.sources.get(*field).filter(|source| shared(source, proposal, &values) == 1);
        let source = source.map(|source| origin(source, language)).unwrap_or_default();
        let _ = writeln!(card, "- {}: {value}{source}", label(field, language));
    }
    for (fields, because) in advice(proposal, &values) {
        let fields: Vec<String> = fields.into_iter().map(|field| label(field, language)).collect();
        let recommended = pick(language, "추천", "recommended");
        let _ = writeln!(card, "- {recommended}: {} ({because})", fields.join(", "));
    }
    for warning in &proposal.warnings {
        let _ = writeln!(card, "{} {warning}", pick(language, "주의:", "Note:"));
    }
    card + &next(&proposal.missing, language)
}

/// One value of a proposal and where it came from, such as `epochs: 30 (recommended: ...)`.
pub fn value(proposal: &Proposal, field: &str, language: Language) -> Option<String> {
    let (_, value) = values(proposal, language).into_iter().find(|(name, _)| *name == field)?;
    let source = proposal.sources.get(field).map(|source| origin(source, language)).unwrap_or_default();
    Some(format!("{}: {value}{source}", label(field, language)))
}

/// How many of the values have a recommendation for the same reason; 1 for any other source.
fn shared(source: &Source, proposal: &Proposal, values: &[(&'static str, String)]) -> usize {
    match source {
        Source::Recommended(_) => {
            values.iter().filter(|(field, _)| proposal.sources.get(*field) == Some(source)).count()
        }
        _ => 1,
    }
}

/// One advice for each group of values that it is given for.
fn advice<'p>(
    proposal: &'p Proposal,
    values: &[(&'static str, String)],
) -> Vec<(Vec<&'static str>, &'p str)> {
    let mut groups: Vec<(Vec<&'static str>, &str)> = Vec::new();
    for (field, _) in values {
        let Some(source @ Source::Recommended(because)) = proposal.sources.get(*field) else { continue };
        if shared(source, proposal, values) == 1 {
            continue;
        }
        match groups.iter_mut().find(|(_, known)| known == because) {
            Some((fields, _)) => fields.push(*field),
            None => groups.push((vec![*field], because)),
        }
    }
    groups
}

fn values(proposal: &Proposal, language: Language) -> Vec<(&'static str, String)> {
    let config = &proposal.config;
    let none = pick(language, "(아직 없음)", "(not given yet)");
    let all = pick(language, "데이터셋 전체", "all of the dataset's");
    let classes = if config.classes.is_empty() { all } else { config.classes.join(", ") };
    let patience =
        config.patience.map_or_else(|| pick(language, "쓰지 않음", "off"), |patience| patience.to_string());
    let mut values = vec![
        ("task", task(config.task, language).to_owned()),
        ("model", config.model.clone()),
        ("dataset", config.dataset.clone().unwrap_or(none)),
        ("classes", classes),
        ("epochs", config.epochs.to_string()),
        ("image_size", format!("{} px", config.image_size)),
        ("batch_size", config.batch_size.to_string()),
        ("learning_rate", config.learning_rate.to_string()),
        ("optimizer", optimizer(config.optimizer).to_owned()),
        ("momentum", config.momentum.to_string()),
        ("weight_decay", config.weight_decay.to_string()),
        ("augmentation", augmentation(config.augmentation, language).to_owned()),
        ("patience", patience),
        ("seed", config.seed.to_string()),
        ("device", device(config.device, language).to_owned()),
        ("priority", priority(config.priority, language).to_owned()),
    ];
    values.extend(config.runner.iter().map(|runner| ("runner", runner.clone())));
    values.extend(config.resources.iter().map(|asked| ("resources", asked.to_string())));
    values.extend(config.initial_weights.iter().map(|weights| ("initial_weights", weights.clone())));
    values.extend(config.max_cost.map(|most| ("max_cost", most.to_string())));
    values.extend(config.max_hours.map(|most| ("max_hours", most.to_string())));
    if config.task == Task::Anomaly {
        // It goes through no gradient, and none of these does anything.
        let idle =
            ["epochs", "learning_rate", "optimizer", "momentum", "weight_decay", "augmentation", "patience"];
        values.retain(|(field, _)| !idle.contains(field));
    }
    if !config.options.is_empty() {
        let said = |(name, value): (&String, &serde_json::Value)| format!("{name}={value}");
        values.push(("options", config.options.iter().map(said).collect::<Vec<_>>().join(", ")));
    }
    values
}

fn origin(source: &Source, language: Language) -> String {
    match source {
        Source::Said => pick(language, " (말씀하신 값)", " (as you said)"),
        Source::Implied(by) => pick(language, format!(" ({by}에서 정해짐)"), format!(" (implied by {by})")),
        Source::Recommended(because) => {
            pick(language, format!(" (추천: {because})"), format!(" (recommended: {because})"))
        }
    }
}

/// What to say next: the missing slot, or how to approve.
pub fn next(missing: &[String], language: Language) -> String {
    match missing.first().map(String::as_str) {
        None => pick(
            language,
            "시작하려면 \"시작해줘\", 바꾸려면 바꿀 값을 말씀해 주세요.",
            "Say \"start\" to approve it, or tell me what to change.",
        ),
        Some("dataset") => pick(
            language,
            "데이터셋은 어디에 있나요? 경로를 알려 주세요. 예: data/my-images",
            "Where is the dataset? Give me its path, such as data/my-images.",
        ),
        Some("task") => pick(
            language,
            "어떤 작업인가요? 분류, 탐지, 세그멘테이션, 자세 추정, 이상 탐지 가운데 하나를 말씀해 주세요.",
            "Which task is it: classification, detection, segmentation, pose estimation or anomaly detection?",
        ),
        Some(other) => pick(
            language,
            format!("{} 알려 주세요.", with_particle(&label(other, language), Particle::Object)),
            format!("Please give me the {}.", label(other, language)),
        ),
    }
}

pub fn label(field: &str, language: Language) -> String {
    let korean = match field {
        "task" => "작업 종류",
        "model" => "모델",
        "dataset" => "데이터셋",
        "classes" => "클래스",
        "epochs" => "에폭",
        "image_size" => "이미지 크기",
        "batch_size" => "배치 크기",
        "learning_rate" => "학습률",
        "momentum" => "모멘텀",
        "weight_decay" => "가중치 감쇠",
        "optimizer" => "옵티마이저",
        "augmentation" => "데이터 증강",
        "patience" => "조기 종료(patience)",
        "seed" => "시드",
        "device" => "장치",
        "priority" => "우선순위",
        "runner" => "러너",
        "initial_weights" => "초기 가중치",
        "resources" => "자원",
        "gpus" => "GPU 수",
        "gpu_memory_gb" => "GPU 메모리(GB)",
        "max_cost" => "비용 한도",
        "max_hours" => "시간 한도",
        "options" => "옵션",
        other => other,
    };
    pick(language, korean, field.replace('_', " "))
}

fn optimizer(optimizer: Optimizer) -> &'static str {
    match optimizer {
        Optimizer::Sgd => "SGD",
        Optimizer::Adam => "Adam",
        Optimizer::Adamw => "AdamW",
    }
}

fn augmentation(augmentation: Augmentation, language: Language) -> &'static str {
    match (augmentation, language) {
        (Augmentation::None, Language::Korean) => "없음",
        (Augmentation::Light, Language::Korean) => "약하게",
        (Augmentation::Standard, Language::Korean) => "보통",
        (Augmentation::None, Language::English) => "none",
        (Augmentation::Light, Language::English) => "light",
        (Augmentation::Standard, Language::English) => "standard",
    }
}

fn device(device: Device, language: Language) -> &'static str {
    match (device, language) {
        (Device::Cpu, _) => "CPU",
        (Device::Gpu, _) => "GPU",
        (Device::Auto, Language::Korean) => "자동",
        (Device::Auto, Language::English) => "automatic",
    }
}

fn priority(priority: Priority, language: Language) -> &'static str {
    match (priority, language) {
        (Priority::Low, Language::Korean) => "낮음",
        (Priority::Normal, Language::Korean) => "보통",
        (Priority::High, Language::Korean) => "높음",
        (Priority::Low, Language::English) => "low",
        (Priority::Normal, Language::English) => "normal",
        (Priority::High, Language::English) => "high",
    }
}
