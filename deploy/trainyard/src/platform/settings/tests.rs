//! What may be said, what is refused, and that no secret is shown.

use std::collections::BTreeSet;

use trainyard_events::chat::Language;
use trainyard_gateway::Proxies;

use super::Settings;
use crate::mentions::sources;

#[test]
fn flags_win_over_the_file_and_the_file_over_defaults() {
    let file: Settings = toml::from_str("listen = \"127.0.0.1:1\"\nworker_slots = 3").unwrap();
    let flags = Settings { worker_slots: Some(2), ..Settings::default() };
    let resolved = flags.or(file).resolve().unwrap();
    assert_eq!((resolved.listen.port(), resolved.worker.slots, resolved.worker.threads), (1, 2, 0));
}

#[test]
fn an_unknown_key_is_refused() {
    assert!(toml::from_str::<Settings>("nats_ulr = \"x\"").unwrap_err().to_string().contains("nats_ulr"));
}

#[test]
fn half_of_somebody_elses_servers_is_refused() {
    let half = Settings { nats_url: Some("nats://host".into()), ..Settings::default() };
    assert!(half.external(Language::English).unwrap_err().to_string().contains("go together"));
}

/// A setting is a flag, a variable and a key of the file, all of one name, and the manual has it. What OpenTelemetry has a
/// variable for has that one.
#[test]
fn every_setting_is_in_the_manual() {
    let manual = include_str!("../../../../../docs/OPERATIONS.md");
    let command = <Settings as clap::Args>::augment_args(clap::Command::new("trainyard"));
    assert!(command.get_arguments().count() > 20);
    for arg in command.get_arguments() {
        let name = arg.get_id().as_str();
        let variable = match name.strip_prefix("otlp_") {
            Some(rest) => format!("OTEL_EXPORTER_OTLP_{}", rest.to_uppercase()),
            None => format!("TRAINYARD_{}", name.to_uppercase()),
        };
        assert_eq!(arg.get_env().and_then(|env| env.to_str()), Some(variable.as_str()));
        assert_eq!(arg.get_long(), Some(name.replace('_', "-").as_str()));
        assert!(manual.contains(&format!("`{variable}`")), "docs/OPERATIONS.md does not name {variable}");
    }
}

/// Whatever else is read from the environment, and nothing that is not.
#[test]
fn the_manual_names_every_variable_and_no_other() {
    let variables = |text: &str| -> BTreeSet<String> {
        let begins = text.match_indices("TRAINYARD_").map(|(at, _)| &text[at..]);
        let ends =
            |text: &str| text.find(|c: char| !(c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_'));
        begins.map(|text| text[..ends(text).unwrap_or(text.len())].to_owned()).collect()
    };
    let ours = |name: &String| name.starts_with("TRAINYARD_TEST_") || name.ends_with('_');
    let rooms = [
        "deploy/trainyard/src",
        "deploy/local/src",
        "gateway/src",
        "workers",
        "events",
        "commands",
        "projections",
    ];
    let read: BTreeSet<String> = sources(&rooms, &["rs"])
        .iter()
        .filter(|(path, _)| !path.iter().any(|part| part == "tests"))
        .flat_map(|(_, text)| variables(text))
        .filter(|name| !ours(name))
        .collect();
    let manual = include_str!("../../../../../docs/OPERATIONS.md");
    assert_eq!(variables(manual), read);
}

#[test]
fn what_a_gateway_is_told_is_checked_before_it_begins() {
    let file: Settings = toml::from_str(
        "public_url = \"https://train.example/yard/\"\ntrusted_proxies = [\"10.0.0.0/8\", \"127.0.0.1\"]",
    )
    .unwrap();
    let gateway = file.clone().resolve().unwrap().gateway().unwrap();
    assert_eq!(gateway.public_url.unwrap().to_string(), "https://train.example/yard");
    assert_ne!(gateway.trusted_proxies, Proxies::default());
    let refused = |settings: Settings| format!("{:#}", settings.resolve().unwrap_err());
    let bad = Settings { public_url: Some("train.example".into()), ..file.clone() };
    assert!(refused(bad).contains("public_url: \"train.example\""));
    let bad = Settings { trusted_proxies: Some(vec!["nginx".into()]), ..file };
    assert!(refused(bad).contains("\"nginx\""));
}

#[test]
fn who_listens_beyond_this_machine_is_told_that_there_is_no_tls() {
    let told = |listen: &str, public_url: Option<&str>| {
        let settings = Settings {
            listen: Some(listen.parse().unwrap()),
            public_url: public_url.map(str::to_owned),
            ..Settings::default()
        };
        settings.resolve().unwrap().without_tls(Language::English)
    };
    for open in ["0.0.0.0:7700", "[::]:7700", "192.168.1.7:80"] {
        let said = told(open, None).expect("it is told");
        assert!(said.contains("no TLS") && said.contains(open), "{said}");
        assert!(told(open, Some("http://train.example")).is_some());
        assert_eq!(told(open, Some("https://train.example")), None);
    }
    assert_eq!((told("127.0.0.1:7700", None), told("[::1]:7700", None)), (None, None));
}

#[test]
fn half_of_a_language_model_is_refused() {
    let half = Settings { llm_url: Some("http://host/v1".into()), ..Settings::default() };
    assert!(half.llm(Language::English).unwrap_err().to_string().contains("TRAINYARD_LLM_MODEL"));
}

#[test]
fn no_secret_is_printed() {
    let all = Settings {
        nats_url: Some("nats://user:hunter2@host:4222".into()),
        database_url: Some("postgres://user:hunter2@host/db".into()),
        s3_endpoint: Some("http://user:hunter2@host".into()),
        s3_access_key: Some("key".into()),
        s3_secret_key: Some("hunter2".into()),
        readers_seed: Some("hunter2".into()),
        readers_nats_url: Some("nats://cutter:hunter2@host:4222".into()),
        hooks_key: Some("hunter2".into()),
        smtp_url: Some("smtps://user:hunter2@host".into()),
        smtp_from: Some("trainyard@host".into()),
        mlflow_url: Some("https://user:hunter2@host".into()),
        otlp_endpoint: Some("http://host:4318".into()),
        otlp_headers: Some("authorization=hunter2".into()),
        llm_url: Some("http://user:hunter2@host/v1".into()),
        llm_model: Some("small".into()),
        llm_key: Some("hunter2".into()),
        ..Settings::default()
    };
    let printed = toml::to_string_pretty(&all.resolve().unwrap().without_secrets()).unwrap();
    assert!(!printed.contains("hunter2") && printed.contains("***@host:4222"), "{printed}");
    let (url, token) = (Some("https://host".into()), Some("hunter2".into()));
    let token = Settings { mlflow_url: url, mlflow_token: token, ..Settings::default() };
    let printed = toml::to_string_pretty(&token.resolve().unwrap().without_secrets()).unwrap();
    assert!(!printed.contains("hunter2") && printed.contains("https://host"), "{printed}");
}
