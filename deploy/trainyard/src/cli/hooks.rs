//! `trainyard hooks`: whom the tenant has told of its events.

use std::time::Duration;

use anyhow::{Result, bail};
use tokio::time::Instant;
use trainyard_api::hooks::{HookAdded, HookAsked, HookChange, HookList, HookMiss, HookRow, NewHook, endings};
use trainyard_events::chat::Language;
use trainyard_events::hook::Form;
use uuid::Uuid;

use crate::args::{HookAction, HookAddress};
use crate::cli::client::Client;
use crate::cli::{print_json, table};
use crate::language::pick;
use crate::out::line;

/// How long a test is waited for; the receiver itself has 15 s.
const TEST_WAIT: Duration = Duration::from_secs(40);
const LOOK_AGAIN: Duration = Duration::from_millis(250);

pub(crate) async fn run(client: &Client, action: Option<HookAction>, json: bool) -> Result<()> {
    match action.unwrap_or(HookAction::List) {
        HookAction::Add { to, form, on, language } => {
            let (address, form) = to.read(form);
            let on = if on.is_empty() { endings() } else { on };
            add(client, &NewHook { address, form, on, language: language.unwrap_or(client.language) }, json)
                .await
        }
        HookAction::Change { hook, to, mail, on, language } => {
            let change = HookChange { address: to.or(mail), on: (!on.is_empty()).then_some(on), language };
            let hook = found(client, &hook).await?.hook_id;
            let answer = client.patch::<HookAsked>(&format!("/v1/hooks/{hook}"), &change).await?;
            if json {
                return print_json(&answer.json);
            }
            done(client.language, hook, ("바꿨습니다", "is changed"));
            Ok(())
        }
        HookAction::List => list(client, json).await,
        HookAction::Test { hook } => test(client, &hook, json).await,
        HookAction::Replay { hook } => {
            let hook = found(client, &hook).await?;
            let path = format!("/v1/hooks/{}/replay", hook.hook_id);
            let answer = client.post::<HookAsked>(&path, &()).await?;
            if json {
                return print_json(&answer.json);
            }
            let (dead, waiting) = (hook.dead, hook.waiting);
            line(pick(
                client.language,
                format!("포기했던 이벤트 {dead}개를 다시 보내고, 기다리던 {waiting}개도 이어서 보냅니다"),
                format!("{dead} events that were given up are sent again, and {waiting} that wait"),
            ));
            Ok(())
        }
        HookAction::Remove { hook } => {
            let hook = found(client, &hook).await?.hook_id;
            let answer = client.delete::<HookAsked>(&format!("/v1/hooks/{hook}")).await?;
            if json {
                return print_json(&answer.json);
            }
            done(client.language, hook, ("지웠습니다", "is removed"));
            Ok(())
        }
    }
}

impl HookAddress {
    /// The address and the form: letters have one of their own.
    fn read(self, form: Option<Form>) -> (String, Form) {
        match self {
            HookAddress { mail: Some(mail), .. } => (mail, Form::Mail),
            HookAddress { address, .. } => (address.unwrap_or_default(), form.unwrap_or(Form::Json)),
        }
    }
}

async fn add(client: &Client, new: &NewHook, json: bool) -> Result<()> {
    let answer = client.post::<HookAdded>("/v1/hooks", new).await?;
    if json {
        return print_json(&answer.json);
    }
    let hook = answer.hook_id;
    line(hook);
    if let Some(secret) = answer.secret.as_ref().filter(|_| new.form == Form::Json) {
        line(secret);
        line(pick(
            client.language,
            "(서명을 확인할 비밀 값입니다. 지금 한 번만 보여 드립니다. docs/hooks.md 참고)",
            "(the secret to check signatures with, shown this once; docs/hooks.md says how)",
        ));
    }
    line(pick(
        client.language,
        format!("시험해 보려면: trainyard hooks test {hook}"),
        format!("to try it: trainyard hooks test {hook}"),
    ));
    Ok(())
}

async fn list(client: &Client, json: bool) -> Result<()> {
    let answer = client.get::<HookList>("/v1/hooks").await?;
    if json {
        return print_json(&answer.json);
    }
    let language = client.language;
    let header = pick(
        language,
        ["id", "형식", "주소", "이벤트", "보냄", "대기", "포기", "상태"],
        ["id", "form", "address", "on", "taken", "waiting", "dead", "state"],
    );
    let rows: Vec<Vec<String>> = answer.hooks.iter().map(|hook| row(hook, language)).collect();
    table::print(&header, &rows);
    Ok(())
}

fn row(hook: &HookRow, language: Language) -> Vec<String> {
    let state = match (&hook.paused, hook.last.as_ref().and_then(|last| last.miss.as_ref())) {
        (Some(paused), _) => pick(language, paused.korean.clone(), paused.english.clone()),
        (None, Some(miss)) => said(miss, language),
        (None, None) => pick(language, "정상", "well").to_owned(),
    };
    vec![
        hook.hook_id.to_string(),
        hook.form.to_string(),
        hook.address.clone().unwrap_or_else(|| "?".to_owned()),
        hook.on.join(","),
        hook.taken.to_string(),
        hook.waiting.to_string(),
        hook.dead.to_string(),
        state,
    ]
}

fn said(miss: &HookMiss, language: Language) -> String {
    pick(language, miss.korean.clone(), miss.english.clone())
}

/// Asks for a test and waits for what becomes of it.
async fn test(client: &Client, hook: &str, json: bool) -> Result<()> {
    let (hook, language) = (found(client, hook).await?.hook_id, client.language);
    let asked = client.post::<HookAsked>(&format!("/v1/hooks/{hook}/test"), &()).await?;
    let (sequence, deadline) = (asked.sequence.unwrap_or_default(), Instant::now() + TEST_WAIT);
    loop {
        let answer = client.get::<HookRow>(&format!("/v1/hooks/{hook}")).await?;
        if let Some(test) = answer.test.as_ref().filter(|_| answer.tested >= sequence) {
            if json {
                return print_json(&answer.json);
            }
            return match &test.miss {
                None => {
                    line(pick(language, "받는 쪽이 받았습니다", "the receiver has taken it"));
                    Ok(())
                }
                Some(miss) => bail!(said(miss, language)),
            };
        }
        if Instant::now() >= deadline {
            bail!(pick(
                language,
                "시험 메시지를 아직 보내지 못했습니다. webhooks 역할이 실행 중인지 확인하세요",
                "the test has not been sent yet: see whether the role webhooks runs",
            ));
        }
        tokio::time::sleep(LOOK_AGAIN).await;
    }
}

/// The hook whose id begins so.
async fn found(client: &Client, id: &str) -> Result<HookRow> {
    if let Ok(id) = Uuid::parse_str(id) {
        return Ok(client.get::<HookRow>(&format!("/v1/hooks/{id}")).await?.into_said());
    }
    let hooks = client.get::<HookList>("/v1/hooks").await?.into_said().hooks;
    let mut meant = hooks.into_iter().filter(|hook| hook.hook_id.to_string().starts_with(id));
    match (meant.next(), meant.next()) {
        (Some(hook), None) => Ok(hook),
        (None, _) => bail!(pick(
            client.language,
            format!("{id}: 그런 웹훅이 없습니다. `trainyard hooks list`로 확인하세요"),
            format!("there is no hook {id}: `trainyard hooks list` shows them"),
        )),
        (Some(_), Some(_)) => bail!(pick(
            client.language,
            format!("{id}로 시작하는 웹훅이 여러 개입니다. 더 길게 적으세요"),
            format!("several hooks begin with {id}: say more of it"),
        )),
    }
}

fn done(language: Language, hook: Uuid, (korean, english): (&str, &str)) {
    line(pick(language, format!("웹훅을 {korean}({hook})"), format!("hook {hook} {english}")));
}
